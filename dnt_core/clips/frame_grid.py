r"""The frame grid: frame i of a clip stands at i / fps seconds; going from one rate to another (30 → 25 fps).

Frames are taken by nearest neighbour, numbers (parameters, intensity) by linear interpolation, both at the
same instants, so that they stay in step. Rates are fractions, so that 30000/1001 does not drift.
"""

from __future__ import annotations

from fractions import Fraction
from numbers import Rational

import numpy as np


def as_fps(value: Fraction | float | int | str) -> Fraction:
    r"""A frame rate as an exact fraction: 29.97 is 2997/100, ``"30000/1001"`` and fractions are as they are.

    Raises:
        ValueError: not a number, not finite or not above 0.
    """
    try:
        exact = value if isinstance(value, str | Rational) else float(value)  # NumPy's floats too
        fps = Fraction(exact).limit_denominator(1001)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise ValueError(f"fps must be a number of frames a second, got {value!r}") from error
    if fps <= 0:
        raise ValueError(f"fps must be above 0, got {value!r}")
    return fps


def frames_on_grid(n_frames: int, fps: Fraction | float, new_fps: Fraction | float) -> int:
    r"""How many frames ``n_frames`` become at another rate: the same duration, rounded, at least one."""
    ratio = as_fps(new_fps) / as_fps(fps)
    return max(1, _round_half_up(n_frames * ratio)) if n_frames else 0


def nearest_frame(k: int, fps: Fraction, new_fps: Fraction) -> int:
    r"""The frame of the old grid nearest to frame ``k`` of the new one (ties to the later), not clamped."""
    return _round_half_up(k * fps / new_fps)


def nearest_frames(n_frames: int, fps: Fraction | float, new_fps: Fraction | float) -> np.ndarray:
    r"""Indices (T_new,) int64 into ``n_frames`` old frames, one for each frame of the new grid."""
    fps, new_fps = as_fps(fps), as_fps(new_fps)
    count = frames_on_grid(n_frames, fps, new_fps)
    return np.array([min(nearest_frame(k, fps, new_fps), n_frames - 1) for k in range(count)], dtype=np.int64)


def resample_linear(values: np.ndarray, fps: Fraction | float, new_fps: Fraction | float) -> np.ndarray:
    r"""Values (T, ...) on the old grid → (T_new, ...) on the new: linear, held at the end, dtype kept."""
    values = np.asarray(values)
    fps, new_fps = as_fps(fps), as_fps(new_fps)
    if fps == new_fps or len(values) == 0:
        return values
    count = frames_on_grid(len(values), fps, new_fps)
    position = np.minimum(np.arange(count) * float(fps / new_fps), len(values) - 1)  # (T_new,)
    return rows_at(values, position).astype(values.dtype)


def rows_at(values: np.ndarray, position: np.ndarray, dtype: type[np.floating] = np.float64) -> np.ndarray:
    r"""Rows between the rows of ``values`` (T, ...): linear, at positions (N,) from 0 to T - 1.

    Args:
        values: at least one row.
        position: in rows, with fractions.
        dtype: of the weights.
    """
    before = np.floor(position).astype(np.int64)
    after = np.minimum(before + 1, len(values) - 1)
    weight = (position - before).reshape((-1,) + (1,) * (values.ndim - 1)).astype(dtype)
    return (1 - weight) * values[before] + weight * values[after]


def _round_half_up(value: Fraction) -> int:
    return int((2 * value + 1) // 2)
