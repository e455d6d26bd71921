r"""Sound that comes in pieces: resampled to 16 kHz, then turned into mel columns, as if it had come whole."""

from __future__ import annotations

from math import gcd

import numpy as np
from scipy.signal import firwin, upfirdn

from dnt_core.audio.mel import BANDS, HOP, N_FFT, log_mel
from dnt_core.clips.sound import SAMPLE_RATE

_HALF = N_FFT // 2
_MARGIN = 3  # columns: half a window, and a sample of pre-emphasis


class StreamResampler:
    r"""Any rate to 16 kHz, piece by piece; the result does not depend on how the sound was cut.

    Args:
        rate: of the sound given, Hz, 1000..400000.

    Raises:
        ValueError: a rate outside the range.
    """

    def __init__(self, rate: int) -> None:
        if not 1000 <= rate <= 400_000 or rate != int(rate):
            raise ValueError(f"the sample rate is {rate!r}, expected a whole number from 1000 to 400000 Hz")
        common = gcd(int(rate), SAMPLE_RATE)
        self._up, self._down = SAMPLE_RATE // common, int(rate) // common
        largest = max(self._up, self._down, 2)
        half = 16 * largest  # taps on each side, at the common multiple's rate
        taps = self._up * firwin(2 * half + 1, 1.0 / largest, window=("kaiser", 7.0))
        early = -half % self._down  # so that the filter delays by whole output samples
        self._taps = np.pad(taps, (early, 0)).astype(np.float32)
        self._delay = (half + early) // self._down  # output samples
        self._context = -(-half // self._up) + 1  # input samples felt on each side
        self._kept = np.zeros(0, np.float32)
        self._first = 0  # index of the first kept input sample
        self._given = 0  # input samples so far
        self._made = 0  # output samples so far

    def feed(self, samples: np.ndarray) -> np.ndarray:
        r"""(N,) samples at ``rate`` → the samples at 16 kHz that are now certain, float32."""
        samples = np.asarray(samples, np.float32)
        if self._up == self._down:
            return samples
        self._kept = np.concatenate([self._kept, samples])
        self._given += samples.size
        return self._up_to(max(0, (self._given - self._context) * self._up // self._down))

    def finish(self) -> np.ndarray:
        r"""What is left, as if silence followed."""
        if self._up == self._down:
            return np.zeros(0, np.float32)
        self._kept = np.concatenate([self._kept, np.zeros(2 * self._context, np.float32)])
        return self._up_to(-(-self._given * self._up // self._down))

    def _up_to(self, end: int) -> np.ndarray:
        if end <= self._made:
            return np.zeros(0, np.float32)
        # upfirdn starts at a kept sample whose index is a multiple of `down`, so that the grids agree
        begin = max(0, self._made * self._down // self._up - self._context) // self._down * self._down
        piece = self._kept[begin - self._first :]
        made = upfirdn(self._taps, piece, self._up, self._down)[self._delay :]
        offset = begin // self._down * self._up  # of the piece's first output sample
        new = made[self._made - offset : end - offset]
        self._made = end
        needed = max(0, end * self._down // self._up - self._context) // self._down * self._down
        if needed > self._first:
            self._kept, self._first = self._kept[needed - self._first :], needed
        return new


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
