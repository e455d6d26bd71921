r"""What of a voice carries its mood: melody, loudness and quality of a phrase, as numbers.

No number depends on how loud a recording is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.ndimage import median_filter, uniform_filter1d

from dnt_core.audio.mel import BANDS, COLUMNS_PER_SECOND, MAX_VALUE, log_mel
from dnt_core.clips.sound import SAMPLE_RATE

LOWEST_PITCH, HIGHEST_PITCH = 65.0, 450.0  # Hz
STEP = SAMPLE_RATE // 100  # samples: 10 ms
_WINDOW = 640  # samples: 40 ms
_VOICED = 0.45  # height of the correlation from which a moment counts as voiced
_DB = 100.0 / (2 * MAX_VALUE)  # per mel unit
_RMS = 0.08  # to which a phrase is brought before it is heard
_GAP = 0.28  # s of quiet that end a phrase
_SHORTEST, _LONGEST = 0.5, 4.5  # s of a phrase
FEATURES = 12 + 14 + 16


@dataclass(frozen=True, eq=False)
class PitchTrack:
    r"""The voice's pitch every 10 ms.

    Attributes:
        hertz: (T,) pitch, 0 where there is no voice.
        clarity: (T,) height of the correlation one period on, up to 1.
        doubled: (T,) the same two periods on, less ``clarity``: above 0 in a creaking voice.
    """

    hertz: np.ndarray
    clarity: np.ndarray
    doubled: np.ndarray


def pitch_track(samples: np.ndarray) -> PitchTrack:
    r"""Pitch by the normalised correlation of a window with itself (after Boersma 1993).

    Args:
        samples: (N,) at 16 kHz.
    """
    x = np.pad(np.asarray(samples, np.float64), (_WINDOW // 2, _WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(x, _WINDOW)[::STEP][: max(1, len(samples) // STEP)]
    window = np.hanning(_WINDOW)
    size = 2 * _WINDOW
    own = fft.irfft(np.abs(fft.rfft(window, size)) ** 2)[: _WINDOW // 2 + 1]
    centred = (frames - frames.mean(1, keepdims=True)) * window
    power = np.abs(fft.rfft(centred, size, axis=1)) ** 2
    lags = fft.irfft(power, axis=1)[:, : _WINDOW // 2 + 1]
    energy = lags[:, :1]
    lags = lags / np.maximum(energy, 1e-12) / (own / own[0])
    low, high = int(SAMPLE_RATE / HIGHEST_PITCH), int(SAMPLE_RATE / LOWEST_PITCH)
    preferred = lags[:, low : high + 1] * (1.0 - 0.12 * np.log2(np.arange(low, high + 1) / low) / 2.8)
    best = low + preferred.argmax(1)
    rows = np.arange(len(lags))
    before, here, after = (lags[rows, np.clip(best + d, 0, lags.shape[1] - 1)] for d in (-1, 0, 1))
    bend = before - 2 * here + after
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(bend == 0, 1, bend), 0.0)
    hertz = SAMPLE_RATE / (best + np.clip(shift, -0.5, 0.5))
    loud = energy[:, 0] > 1e-3 * np.percentile(energy[:, 0], 95)
    voiced = (here > _VOICED) & loud
    half = np.clip(2 * best, 0, lags.shape[1] - 1)
    smooth = median_filter(hertz, 5)
    voiced &= np.abs(np.log2(hertz / smooth)) < 0.25
    return PitchTrack(np.where(voiced, hertz, 0.0), here, lags[rows, half] - here)


def phrases(samples: np.ndarray) -> list[tuple[float, float]]:
    r"""(start, end) in s of the stretches of speech between pauses.

    Args:
        samples: (N,) at 16 kHz.
    """
    if len(samples) <= 400 or not np.any(samples):
        return []
    mel = log_mel(samples)
    loud = uniform_filter1d(mel.max(axis=0) * _DB, 5)
    quiet, top = np.percentile(loud, 10), np.percentile(loud, 95)
    if top - quiet < 6.0 and quiet > -95.0:  # no pauses and no speech, or speech without a pause
        quiet = top - 30.0
    speaks = loud > max(quiet + 0.35 * (top - quiet), -85.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], speaks.astype(np.int8), [0]]))) / COLUMNS_PER_SECOND
    edges = np.minimum(edges, len(samples) / SAMPLE_RATE)  # the last column reaches beyond the sound's end
    spans: list[list[float]] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if spans and start - spans[-1][1] < _GAP:
            spans[-1][1] = end
        else:
            spans.append([start, end])
    made = []
    for start, end in spans:
        parts = max(1, int(np.ceil((end - start) / _LONGEST)))
        cuts = np.linspace(start, end, parts + 1)
        made += [(float(a), float(b)) for a, b in zip(cuts[:-1], cuts[1:], strict=True)]
    return [(a, b) for a, b in made if b - a >= _SHORTEST]


def prosody_features(samples: np.ndarray) -> np.ndarray | None:
    r"""A phrase as :data:`FEATURES` numbers.

    Args:
        samples: (N,) at 16 kHz, one phrase of half a second or more.

    Returns:
        (FEATURES,) float32: 12 of the melody, 14 of loudness and quality, 16 of the mean spectrum; None where
        less than a fifth of a second is voiced.
    """
    if len(samples) < 0.2 * SAMPLE_RATE or not np.any(samples):
        return None
    samples = np.asarray(samples, np.float32)
    # the mel is cut below -100 dB, so the level has to be taken out before it
    samples = np.clip(samples * (_RMS / np.sqrt(np.mean(samples**2))), -1.0, 1.0)
    track = pitch_track(samples)
    voiced = np.flatnonzero(track.hertz)
    if len(voiced) < 20:
        return None
    mel = log_mel(samples).T * _DB  # (C, 80) dB
    at = np.minimum(np.round(voiced * STEP / 200).astype(int), len(mel) - 1)
    return np.concatenate(
        [_melody(track, voiced), _quality(track, voiced, mel, at), _spectrum(mel[at])]
    ).astype(np.float32)


def _melody(track: PitchTrack, voiced: np.ndarray) -> list[float]:
    semitones = 12.0 * np.log2(track.hertz[voiced] / 100.0)
    middle = float(np.median(semitones))
    shape = semitones - middle
    place = (voiced - voiced[0]) / max(voiced[-1] - voiced[0], 1)
    slope = np.polyfit(place, shape, 1)[0]
    late, last = shape[(place > 0.5) & (place < 0.8)], shape[place > 0.88]
    late, last = late if late.size else shape, last if last.size else shape
    steps = np.diff(shape)[np.diff(voiced) == 1]
    steps = steps[np.abs(steps) < 3] if steps.size else np.zeros(1)
    filled = np.interp(np.arange(voiced[0], voiced[-1] + 1), voiced, shape)
    smooth = filled - uniform_filter1d(filled, 25, mode="nearest")
    spectrum = np.abs(np.fft.rfft(smooth * np.hanning(len(smooth)))) ** 2
    hertz = np.fft.rfftfreq(len(smooth), 0.01)
    band = [spectrum[(hertz >= a) & (hertz < b)].sum() for a, b in ((2.5, 5.0), (5.3, 7.7), (7.7, 12.0))]
    total = sum(band) + 1e-6
    wobble = np.diff(steps, 2) if steps.size > 3 else np.zeros(1)
    return [
        middle / 6.0, shape.std(), np.percentile(shape, 95) - np.percentile(shape, 50),
        np.percentile(shape, 50) - np.percentile(shape, 5), slope / 3.0, np.mean(last) - np.mean(late),
        shape[-3:].mean() / 3.0, np.abs(steps).mean() * 4.0, np.abs(wobble).mean() * 4.0,
        band[1] / total, np.log10(band[1] + 1e-3), np.log10(total + 1e-3),
    ]  # fmt: skip


def _quality(track: PitchTrack, voiced: np.ndarray, mel: np.ndarray, at: np.ndarray) -> list[float]:
    clarity, doubled = track.clarity[voiced], track.doubled[voiced]
    loud = 20 * np.log10(np.mean(10 ** (mel / 20), axis=1) + 1e-6)
    spoken = loud[loud > loud.max() - 35.0]
    spectrum = mel[at]
    edges = (0, 8, 16, 26, 38, 50, 64, 80)
    bands = np.array([spectrum[:, a:b].mean() for a, b in zip(edges[:-1], edges[1:], strict=True)])
    tilt = np.polyfit(np.arange(BANDS), spectrum.mean(0), 1)[0]
    return [
        clarity.mean() * 4.0, clarity.std() * 10.0, np.percentile(clarity, 10) * 3.0, doubled.mean() * 5.0,
        np.percentile(doubled, 90) * 5.0, len(voiced) / max(len(track.hertz), 1) * 3.0, spoken.std() / 5.0,
        *(np.diff(bands) / 5.0), tilt * 5.0,
    ]  # fmt: skip


def _spectrum(voiced: np.ndarray) -> np.ndarray:
    cepstrum = fft.dct(voiced.mean(0), norm="ortho")[1:17]
    return cepstrum / 20.0
