r"""Time stamps → a regular grid: which row every stored frame begins at, and how many rows there are.

Row k of a clip stands k / fps seconds after its first shown frame and shows the last frame that has begun by then,
within half a row, as players do. Where the stamps are regular, row k is frame k. Where they are not (phones, screen
recorders, browsers), frames are held or left out, so that a flash at 3.00 s stays at 3.00 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

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
        skipped: frames that share their row with a later one and are not shown.
    """

    fps: Fraction
    n_frames: int
    stored: int
    one_to_one: bool
    moved: float
    skipped: int

    def row(self, seconds: float) -> int:
        r"""The first row of a frame that begins this long after the first one."""
        return int(_rows(np.float64(seconds), self.fps))


def timeline(seconds: Sequence[float], last: float, declared: Sequence[Fraction | None]) -> Timeline:
    r"""Fits a grid to the stamps of all frames that are shown.

    Args:
        seconds: (N,) rising, the first 0.
        last: s that the last frame lasts, 0 where the file does not say.
        declared: rates that the container names, the likeliest first; the first that makes row k frame k is taken.
            Where none does: the lowest common rate that every stamp stands on, else the next usual rate above
            the average one.

    Raises:
        ValueError: no rate to be found, or two frames more than ten minutes apart.
    """
    times = np.asarray(seconds, np.float64)
    steps = np.diff(times)
    if len(steps) and steps.max() > LONGEST_GAP:
        at = times[int(steps.argmax())]
        raise ValueError(f"its time stamps leap from {at:.2f} to {at + steps.max():.2f} s")
    rates = [as_fps(rate) for rate in declared if rate and 0 < rate <= 1000]
    count = len(times)
    fps, one_to_one = _one_to_one(times, rates), True
    if fps is None:
        fps, one_to_one = _irregular(times, steps, rates), False
    rows = _rows(times, fps)
    held = round(min(last, LONGEST_GAP) * fps)
    n_frames = int(rows[-1]) + (held if held >= _HELD else 1)
    moved = float(np.abs(rows / float(fps) - times).max())
    return Timeline(fps, n_frames, count, one_to_one, moved, count - len(np.unique(rows)))


def _rows(times: np.ndarray, fps: Fraction) -> np.ndarray:
    return np.floor(times * float(fps) + 0.5 + _EPSILON).astype(np.int64)


def _one_to_one(times: np.ndarray, rates: list[Fraction]) -> Fraction | None:
    numbers = np.arange(len(times))
    fitting = [rate for rate in rates if np.array_equal(_rows(times, rate), numbers)]
    return min(
        fitting, key=lambda rate: round(float(np.abs(numbers / float(rate) - times).max()), 4), default=None
    )


def _irregular(times: np.ndarray, steps: np.ndarray, rates: list[Fraction]) -> Fraction:
    steps = steps[steps > 0]
    if not len(steps):
        raise ValueError("it does not say its frame rate, and its time stamps do not rise")
    average = len(steps) / float(steps.sum())
    for rate in sorted({*_STANDARD, *(rate for rate in rates if rate <= 120)}):
        rows = _rows(times, rate)
        if (np.diff(rows) > 0).all() and np.abs(rows / float(rate) - times).max() <= _NEAR:
            return rate
    return next((rate for rate in sorted(_STANDARD) if rate >= 0.97 * average), max(_STANDARD))
