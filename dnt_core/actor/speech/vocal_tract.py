r"""Where the mouth's resonances are at every moment: formant targets, diphthongs, transitions, the nose."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .timeline import SAMPLE_RATE
from .timing import Segment

STEP = 64  # samples between two settings of the resonators: 4 ms
NASAL_POLE, NASAL_BANDWIDTH = 270.0, 100.0  # Hz
NASAL_ZERO_SHIFT = 210.0  # Hz, nasal zero above nasal pole in m, n, ng; in oral sounds the two cancel
UPPER_FORMANTS = (3450.0, 4450.0, 5450.0, 6450.0, 7450.0)  # Hz, 1 kHz apart
_BANDWIDTHS = (60.0, 85.0, 130.0)


def control_times(n_samples: int) -> np.ndarray:
    r"""Times in s at which the tracks are given, (ceil(n_samples / STEP),)."""
    return np.arange(-(-n_samples // STEP)) * (STEP / SAMPLE_RATE)


def smoothed(track: np.ndarray, seconds: float) -> np.ndarray:
    r"""A control track (N,) under a Hann window of the given full width in s, ends held."""
    n = max(int(round(seconds * SAMPLE_RATE / STEP)) | 1, 1)
    window = np.hanning(n + 2)[1:-1]
    padded = np.pad(track, n // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")


def formant_tracks(
    segments: tuple[Segment, ...], times: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    r"""Resonances of the tract while a sentence is said.

    Every sound holds its target (a diphthong glides to its second one, a consonant's F2 and F3 lean towards
    the vowels beside it: locus theory), and the tract needs about 30 ms to follow.

    Args:
        segments: the sentence in time.
        times: (N,) s, of `control_times`.
        scale: factor on all frequencies, of the voice and the mood.

    Returns:
        Frequencies and bandwidths of F1, F2, F3 in Hz, both (N, 3).
    """
    knots_t, knots_f = [], []
    for i, segment in enumerate(segments):
        phoneme, d = segment.phoneme, segment.duration
        first, last = _ends(segments, i)
        if phoneme.offglide is not None:
            moments = (0.02, 0.35, 0.85, 0.98)
            values = (first, first, last, last)
        else:
            moments, values = (0.02, 0.98), (first, last)
        knots_t += [segment.start + m * d for m in moments]
        knots_f += values
    low = np.stack([np.interp(times, knots_t, column) for column in np.array(knots_f).T])
    low = np.stack([smoothed(track, 0.06) for track in low], axis=1) * scale  # (N, 3)
    low[:, 1] = np.maximum(low[:, 1], low[:, 0] + 180.0)
    low[:, 2] = np.clip(low[:, 2], low[:, 1] + 220.0, UPPER_FORMANTS[0] * scale - 250.0)
    bandwidths = np.tile(_BANDWIDTHS, (times.size, 1))
    bandwidths[:, 0] += 140.0 * smoothed(indicator(segments, times, _glottis_open), 0.03)
    bandwidths[:, 0] += 60.0 * nasality(segments, times)
    return low, bandwidths


def upper_formants(scale: float) -> tuple[np.ndarray, np.ndarray]:
    r"""Frequencies and bandwidths in Hz of the fixed resonances above F3 and below 7.6 kHz, both (K,)."""
    frequencies = np.array([f * scale for f in UPPER_FORMANTS if f * scale < 7600.0])
    return frequencies, 0.055 * frequencies + 20.0


def nasality(segments: tuple[Segment, ...], times: np.ndarray) -> np.ndarray:
    r"""How open the velum is, (N,): 1 in m, n, ng, falling to 0 within 40 ms into their neighbours."""
    return smoothed(indicator(segments, times, lambda s: s.phoneme.kind == "nasal"), 0.04)


def _glottis_open(segment: Segment) -> bool:
    return segment.phoneme.kind == "aspirate" or (segment.release is not None and not segment.phoneme.voiced)


def indicator(
    segments: tuple[Segment, ...], times: np.ndarray, condition: Callable[[Segment], bool]
) -> np.ndarray:
    r"""(N,), 1 at the times of the segments that fulfil a condition and 0 elsewhere."""
    track = np.zeros(times.size)
    for segment in segments:
        if condition(segment):
            track[(times >= segment.start) & (times < segment.end)] = 1.0
    return track


def _ends(segments, i) -> tuple[np.ndarray, np.ndarray]:
    """Targets (3,) at the start and the end of segment i, in Hz for an average man."""
    phoneme = segments[i].phoneme
    target = np.array(phoneme.formants)
    if phoneme.is_vowel:
        return target, np.array(phoneme.offglide or phoneme.formants)
    if phoneme.kind == "silence":
        left = _neighbour(segments, i, -1)
        right = _neighbour(segments, i, +1)
        left, right = (right if left is None else left), (left if right is None else right)
        return (target, target) if left is None else (left, right)
    lean = np.array(
        [0.0 if phoneme.follows_vowel < 1 else 0.6, phoneme.follows_vowel, 0.6 * phoneme.follows_vowel]
    )
    ends = []
    for side in (-1, +1):
        beside = _neighbour(segments, i, side)
        ends.append(target if beside is None else (1 - lean) * target + lean * beside)
    return ends[0], ends[1]


def _neighbour(segments, i, side):
    """The near end of the nearest sound that is no silence, (3,) Hz; a vowel two away comes first."""
    reach = [s for s in (segments[i + side * k] for k in (1, 2) if 0 <= i + side * k < len(segments))]
    spoken = [s.phoneme for s in reach if s.phoneme.kind != "silence"]
    if not spoken:
        return None
    chosen = next((p for p in spoken if p.is_vowel), spoken[0])
    return np.array(chosen.offglide if side < 0 and chosen.offglide else chosen.formants)
