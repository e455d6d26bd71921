r"""Time stamps → a regular grid: which row every stored frame begins at, and how many rows there are.

Row k of a clip stands k / fps seconds after its first shown frame and shows the last frame that has begun by
then, within half a row, as players do. Where the stamps are regular, row k is frame k. Where they are not
(phones, screen recorders, browsers), frames are held or left out, so that a flash at 3.00 s stays at 3.00 s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from dnt_core.clips.frame_grid import as_fps

LONGEST_GAP = 600.0  # s; two frames further apart are taken for damage
_STANDARD = [Fraction(n) for n in (10, 15, 24, 25, 30, 50, 60, 100, 120)]
_STANDARD += [Fraction(n * 1000, 1001) for n in (24, 30, 60, 120)]
_NEAR = 0.002  # s; stamps this near to rows stand on them: containers round to milliseconds
_EPSILON = 1e-6  # of a row, so that ties do not hang on rounding
_HELD = 3  # rows; a last frame that lasts this long is held to its end


@dataclass(frozen=True)
class Timeline:
    r"""The grid of one video.

    Attributes:
        fps: rows a second.
        n_frames: rows.
        stored: frames that are shown, as stored; what other programs count.
        one_to_one: row k is stored frame k.
        moved: s, the most that a frame was moved to stand on its row.
        phase: s from the first frame to row 0, not 0 where the stamps jitter about their rows.
        skipped: frames that share their row with a later one and are not shown.
    """

    fps: Fraction
    n_frames: int
    stored: int
    one_to_one: bool
    moved: float
    phase: float
    skipped: int

    def row(self, seconds: float) -> int:
        r"""The first row of a frame that begins this long after the first one."""
        return max(0, math.floor((seconds - self.phase) * float(self.fps) + 0.5 + _EPSILON))


def timeline(seconds: Sequence[float], last: float, declared: Sequence[Fraction | None]) -> Timeline:
    r"""Fits a grid to the stamps of all frames that are shown.

    Args:
        seconds: (N,) rising, the first 0.
        last: s that the last frame lasts, 0 where the file does not say.
        declared: rates that the container names, the likeliest first, usual ones before others; the first
            that makes row k frame k is taken. Where none does: the lowest common rate that every stamp stands
            on, else the next usual rate above the average one.

    Raises:
        ValueError: no rate to be found, or two frames more than ten minutes apart.
    """
    times = np.asarray(seconds, np.float64)
    steps = np.diff(times)
    if len(steps) and steps.max() > LONGEST_GAP:
        at = times[int(steps.argmax())]
        raise ValueError(f"its time stamps leap from {at:.2f} to {at + steps.max():.2f} s")
    rates = _usable(tuple(declared))
    count = len(times)
    fps, phase = _one_to_one(times, rates)
    one_to_one = fps is not None
    fps = _irregular(times, steps, rates) if fps is None else fps
    times = times - phase
    rows = _rows(times, fps)
    n_frames = int(rows[-1]) + _rows_of_last(last, fps)
    moved = float(np.abs(rows / float(fps) - times).max())
    skipped = 0 if one_to_one else count - len(np.unique(rows))
    return Timeline(fps, n_frames, count, one_to_one, moved, phase, skipped)


def regular_timeline(
    step: Fraction, count: int, last: float, declared: Sequence[Fraction | None]
) -> Timeline | None:
    r"""What :func:`timeline` gives for frames that lie evenly, at once, if they do at the likeliest rate.

    Args:
        step: s from frame to frame.
        count: of the frames.
        last: s that the last frame lasts.
        declared: rates that the container names, the likeliest first.
    """
    rate = next(iter(_usable(tuple(declared))), None)
    if rate is None or step * rate != 1:
        return None
    return Timeline(rate, count - 1 + _rows_of_last(last, rate), count, True, 0.0, 0.0, 0)


def _rows_of_last(seconds: float, fps: Fraction) -> int:
    held = round(min(seconds, LONGEST_GAP) * float(fps))
    return held if held >= _HELD else 1


@lru_cache
def _usable(declared: tuple[Fraction | None, ...]) -> tuple[Fraction, ...]:
    rates = (as_fps(rate) for rate in dict.fromkeys(declared) if rate and 0 < rate <= 1000)
    # a last frame that ends a little early makes 30.007 of 30 in the mean
    return tuple(sorted(rates, key=lambda rate: rate not in _STANDARD))


def _rows(times: np.ndarray, fps: Fraction) -> np.ndarray:
    return np.floor(times * float(fps) + 0.5 + _EPSILON).astype(np.int64)


def _one_to_one(times: np.ndarray, rates: Sequence[Fraction]) -> tuple[Fraction | None, float]:
    r"""The rate at which row k is frame k and frames are moved least, and the phase (s) of its rows."""
    numbers = np.arange(len(times))
    best: tuple[Fraction | None, float] = (None, 0.0)
    least = np.inf
    for rate in rates:
        a_second = float(rate)
        off = times - numbers / a_second
        low, high = float(off.min()), float(off.max())
        for phase in (0.0, (low + high) / 2):
            moved = max(high - phase, phase - low)
            # less of it than containers round to is none
            if moved < least - _NEAR and (
                moved < 0.4 / a_second or np.array_equal(_rows(times - phase, rate), numbers)
            ):
                best, least = (rate, phase), moved
        if least < _NEAR:  # none can be better by so much
            break
    return best


def _irregular(times: np.ndarray, steps: np.ndarray, rates: Sequence[Fraction]) -> Fraction:
    steps = steps[steps > 0]
    if not len(steps):
        raise ValueError("it does not say its frame rate, and its time stamps do not rise")
    average = len(steps) / float(steps.sum())
    fitting: dict[Fraction, float] = {}
    for rate in sorted({*_STANDARD, *(rate for rate in rates if rate <= 120)}):
        rows = _rows(times, rate)
        moved = float(np.abs(rows / float(rate) - times).max())
        if moved <= _NEAR and (np.diff(rows) > 0).all():
            fitting[rate] = moved
    if fitting:  # of 60 and 59.94 a short clip fits both
        return min((rate for rate in fitting if rate <= 1.01 * float(min(fitting))), key=fitting.__getitem__)
    nearest = min(_STANDARD, key=lambda rate: abs(rate - average))
    if abs(nearest - average) < 0.03 * average:
        return nearest
    return next((rate for rate in sorted(_STANDARD) if rate >= average), max(_STANDARD))
