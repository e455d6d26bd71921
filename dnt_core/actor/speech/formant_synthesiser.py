r"""Phonemes to sound: cascaded resonators for the voice, parallel ones for hiss and bursts (Klatt 1980)."""

from __future__ import annotations

import numpy as np

from .frication import frication
from .glottal_source import glottal_pulses, tilted
from .prosody import Prosody, pitch_contour, prosody_of
from .resonators import fixed_resonances, moving_resonances
from .sentences import Sentence
from .timeline import SAMPLE_RATE
from .timing import segment_sentence
from .utterance import Speech
from .vocal_tract import (
    NASAL_BANDWIDTH,
    NASAL_POLE,
    NASAL_ZERO_SHIFT,
    control_times,
    formant_tracks,
    indicator,
    nasality,
    smoothed,
    upper_formants,
)
from .voice import Voice

LEVEL_DB = -25.0  # RMS of neutral speech against full scale
_HISS = 0.07  # noise of a fully open glottis against the pulses
_STRESS = {0: 0.7, 1: 1.0, 2: 0.9}  # loudness of vowels


def synthesize(
    sentence: Sentence,
    seed: int = 0,
    voice: Voice | None = None,
    expression: str = "neutral",
    intensity: float = 0.0,
) -> Speech:
    r"""Says a sentence.

    The mood changes melody, loudness and voice quality continuously with its intensity; the timing depends on
    the sentence, the seed and the voice's rate alone, so that the lips can be compared between moods.

    Args:
        sentence: one of `SENTENCES`, `PHRASES`, or your own `Sentence`.
        seed: of everything left to chance, >= 0; the same arguments give the same samples.
        voice: whose voice; None: an average man's.
        expression: one of the eight types.
        intensity: 0..1; higher: more of the mood.

    Raises:
        ValueError: an unknown expression, an intensity outside [0, 1] or a negative seed.
    """
    voice, prosody = voice or Voice(), prosody_of(expression, intensity)
    segments = segment_sentence(sentence, seed, voice.rate)
    waveform = _render(segments, sentence, voice, prosody, seed)
    return Speech(sentence, waveform, segments, voice, expression, float(intensity), seed)


def _render(segments, sentence: Sentence, voice: Voice, prosody: Prosody, seed: int) -> np.ndarray:
    n = round(segments[-1].end * SAMPLE_RATE)
    times, samples = control_times(n), np.arange(n) / SAMPLE_RATE
    melody, folds, breath = (np.random.default_rng([seed, k]) for k in (21, 22, 23))
    f0 = np.interp(samples, times, pitch_contour(segments, sentence, voice, prosody, times, melody))
    jitter = voice.jitter + prosody.jitter
    pulses, flow = glottal_pulses(f0, prosody.open_quotient, jitter, prosody.creak, folds)
    noise = breath.standard_normal(n)

    voicing, bar, aspiration = (np.interp(samples, times, track) for track in _amplitudes(segments, times))
    clear, dull = tilted(pulses, prosody.tilt_db), tilted(pulses, prosody.tilt_db + 16.0)
    airy = _HISS * noise * ((voice.breathiness + prosody.breathiness) * voicing * (0.3 + flow) + aspiration)
    source = voicing * ((1.0 - bar) * clear + bar * dull) + airy

    scale = voice.formant_scale * prosody.formants
    frequencies, bandwidths = formant_tracks(segments, times, scale)
    nasal = np.full((times.size, 1), NASAL_POLE)
    narrow = np.full_like(nasal, NASAL_BANDWIDTH)
    voiced = moving_resonances(
        fixed_resonances(source, *upper_formants(scale)),
        np.concatenate([nasal, frequencies], axis=1),
        np.concatenate([narrow, bandwidths], axis=1),
        nasal + NASAL_ZERO_SHIFT * nasality(segments, times)[:, None],
        narrow,
    )
    vowel = np.interp(samples, times, indicator(segments, times, lambda s: s.phoneme.is_vowel)) > 0.5
    reference = np.sqrt(np.mean(voiced[vowel] ** 2)) if vowel.any() else 1.0
    f2 = np.interp(samples, times, frequencies[:, 1])
    speech = voiced + reference * frication(segments, flow, f2, scale, breath)

    spoken = slice(round(segments[0].end * SAMPLE_RATE), max(round(segments[-1].start * SAMPLE_RATE), 1))
    rms = np.sqrt(np.mean(speech[spoken] ** 2)) + 1e-12
    speech *= 10.0 ** ((LEVEL_DB + prosody.level_db) / 20.0) / rms
    return _limited(speech * np.minimum(1.0, np.minimum(samples, samples[::-1]) / 0.01)).astype(np.float32)


def _amplitudes(segments, times):
    """Voicing, how much of it is a muffled voice bar, and aspiration, each (M,)."""
    voicing, bar, aspiration = np.zeros(times.size), np.zeros(times.size), np.zeros(times.size)
    for segment in segments:
        phoneme = segment.phoneme
        inside = (times >= segment.start) & (times < segment.end)
        voicing[inside] = phoneme.voicing * (_STRESS[segment.stress] if phoneme.is_vowel else 1.0)
        if segment.release is not None:
            opened = inside & (times >= segment.release)
            voicing[opened] = (0.5 if phoneme.kind == "affricate" else 0.8) * phoneme.voiced
            bar[inside & ~opened] = 1.0
            if not phoneme.voiced and segment.end - segment.release > 0.025 and phoneme.kind == "stop":
                aspiration[opened] = 0.8
        elif phoneme.kind == "fricative":
            bar[inside] = 0.7
        elif phoneme.kind == "aspirate":
            aspiration[inside] = 1.0
    start, end = segments[0].end, segments[-1].start
    fading = np.interp(times, [start, max(end - 0.12, start), end], [1.0, 0.8, 0.4])
    return smoothed(voicing * fading, 0.03), smoothed(bar, 0.02), smoothed(aspiration, 0.02)


def _limited(x):
    """Leaves |x| below 0.8 alone and bends the rest towards 1."""
    over = np.maximum(np.abs(x) - 0.8, 0.0)
    return np.where(over > 0, np.sign(x) * (0.8 + 0.19 * np.tanh(over / 0.19)), x)
