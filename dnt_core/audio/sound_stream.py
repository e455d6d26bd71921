r"""Sound that comes in pieces: resampled to 16 kHz, then turned into mel columns, as if it had come whole."""

from __future__ import annotations

import numpy as np
import soxr

from dnt_core.audio.mel import BANDS, HOP, N_FFT, log_mel
from dnt_core.clips.sound import HIGHEST_RATE, SAMPLE_RATE

_HALF = N_FFT // 2
_MARGIN = 3  # columns: half a window, and a sample of pre-emphasis
_RATES = (1000, HIGHEST_RATE)  # Hz


def to_16_khz(samples: np.ndarray, rate: int) -> np.ndarray:
    r"""Whole sound at 16 kHz, by :class:`StreamResampler`.

    Args:
        samples: (N,) floating.
        rate: Hz, from 1000 to 400000.

    Returns:
        (N · 16000 / rate,) float32, rounded; sample 0 at the same time.

    Raises:
        ValueError: a rate out of range.
    """
    resampler = StreamResampler(rate)
    return np.concatenate([resampler.feed(samples), resampler.finish()])


class StreamResampler:
    r"""Any rate to 16 kHz, piece by piece (soxr); the result does not depend on how the sound was cut.

    Args:
        rate: of the sound given, Hz, 1000..400000.

    Raises:
        ValueError: a rate outside the range.
    """

    def __init__(self, rate: int) -> None:
        if rate != int(rate) or not _RATES[0] <= rate <= _RATES[1]:
            raise ValueError(
                f"the sample rate is {rate!r}, expected a whole number from {_RATES[0]} to {_RATES[1]} Hz"
            )
        self._soxr = None
        if rate != SAMPLE_RATE:
            self._soxr = soxr.ResampleStream(int(rate), SAMPLE_RATE, 1, dtype="float32", quality="HQ")

    def feed(self, samples: np.ndarray) -> np.ndarray:
        r"""(N,) samples at ``rate`` → the samples at 16 kHz that are now certain, float32."""
        samples = np.asarray(samples, np.float32)
        return samples if self._soxr is None else self._soxr.resample_chunk(samples)

    def finish(self) -> np.ndarray:
        r"""What is left, as if silence followed."""
        rest = np.zeros(0, np.float32)
        return rest if self._soxr is None else self._soxr.resample_chunk(rest, last=True)


class StreamMel:
    r"""16 kHz sound in pieces → columns of :func:`~dnt_core.audio.mel.log_mel` once they are certain."""

    def __init__(self) -> None:
        self._kept = np.zeros(0, np.float32)
        self._origin = 0  # sample index of the first kept one, a multiple of the hop
        self._columns = 0  # columns so far

    def feed(self, samples: np.ndarray) -> np.ndarray:
        r"""(N,) → (columns, 80) that are new."""
        self._kept = np.concatenate([self._kept, samples])
        certain = (self._origin + self._kept.size - _HALF) // HOP + 1
        return self._up_to(certain) if self._kept.size > _HALF else np.zeros((0, BANDS), np.float32)

    def finish(self) -> np.ndarray:
        r"""The columns at the end of the sound, mirrored there as :func:`log_mel` does."""
        total = self._origin + self._kept.size
        if self._kept.size <= _HALF:  # shorter than can be mirrored
            self._kept = np.pad(self._kept, (0, _HALF + 1 - self._kept.size))
        return self._up_to(total // HOP + 1)

    def _up_to(self, end: int) -> np.ndarray:
        if end <= self._columns:
            return np.zeros((0, BANDS), np.float32)
        offset = self._origin // HOP
        new = log_mel(self._kept).T[self._columns - offset : end - offset]
        self._columns = end
        origin = max(0, end - _MARGIN) * HOP
        if origin > self._origin:
            self._kept, self._origin = self._kept[origin - self._origin :], origin
        return new
