r"""Noise made in the mouth: hiss of fricatives, bursts of stops, through a parallel bank for each place."""

from __future__ import annotations

import numpy as np

from .phonemes import FRICATION_SPECTRUM
from .resonators import resonator
from .timeline import SAMPLE_RATE
from .timing import Segment


def frication(
    segments: tuple[Segment, ...], flow: np.ndarray, f2: np.ndarray, scale: float, rng: np.random.Generator
) -> np.ndarray:
    r"""The noise of fricatives, affricates and bursts.

    Args:
        segments: the sentence in time.
        flow: (N,) glottal flow in [0, 1] at 16 kHz; it chops the hiss of voiced fricatives.
        f2: (N,) second formant in Hz; the burst of k and g is heard there.
        scale: factor on the spectra's frequencies.
        rng: source of the noise.

    Returns:
        (N,), in units of a vowel's RMS.
    """
    n = flow.size
    out = np.zeros(n)
    for segment in segments:
        phoneme = segment.phoneme
        if phoneme.noise_db is None:
            continue
        start = segment.start if segment.release is None else segment.release
        first, last = round(start * SAMPLE_RATE), min(round(segment.end * SAMPLE_RATE), n)
        envelope = _noise_envelope(segment, last - first)
        where = min((first + last) // 2, n - 1)
        hiss = _coloured(rng.standard_normal(last - first + 400), phoneme.place, f2[where], scale)[400:]
        if phoneme.voiced and phoneme.kind == "fricative":
            envelope = envelope * (0.5 + flow[first:last])
        out[first:last] += 10.0 ** (phoneme.noise_db / 20.0) * envelope * hiss
    return out


def _noise_envelope(segment: Segment, n: int) -> np.ndarray:
    t = np.arange(n) / SAMPLE_RATE
    left = n / SAMPLE_RATE - t
    if segment.phoneme.kind == "stop":
        decay = 0.006 if segment.phoneme.place == "labial" else 0.014
        return np.minimum(t / 0.001, 1.0) * np.exp(-t / decay) * np.clip(left / 0.004, 0.0, 1.0)
    rise, fall = (0.004, 0.03) if segment.phoneme.kind == "affricate" else (0.03, 0.025)
    ramp = np.clip(t / rise, 0.0, 1.0) * np.clip(left / fall, 0.0, 1.0)
    return np.sin(0.5 * np.pi * ramp) ** 2


def _coloured(noise, place, f2, scale):
    """White noise through a place's parallel resonators, RMS 1."""
    from scipy.signal import lfilter  # slow to import; the mouth alone needs none of it

    out = np.zeros(noise.size)
    for k, (centre, bandwidth, gain_db) in enumerate(FRICATION_SPECTRUM[place]):
        frequency = min(centre * scale if centre else max(f2, 900.0), 7400.0)
        a, b, c = resonator(frequency, bandwidth)
        peak = lfilter([a, 0.0, -a], [1.0, -b, -c], noise)  # zeros at 0 Hz and Nyquist
        out += (-1.0) ** k * 10.0 ** (gain_db / 20.0) * peak / peak.std()
    return out / out.std()
