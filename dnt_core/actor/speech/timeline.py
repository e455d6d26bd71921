r"""Sound and frames on one clock: frame $i$ shows time $i / \mathrm{fps}$."""

from __future__ import annotations

import math

import numpy as np

SAMPLE_RATE = 16000  # Hz, what the audio networks of this project want


def _checked(fps: float) -> float:
    if not (math.isfinite(fps) and fps > 0):
        raise ValueError(f"fps is {fps}, expected a number of frames per second > 0")
    return float(fps)


def frame_count(duration: float, fps: float) -> int:
    r"""How many frames cover a duration: the least $n$ with $n / \mathrm{fps} \ge$ `duration` (to 1 µs).

    Args:
        duration: s, >= 0.
        fps: frames per second, > 0.

    Raises:
        ValueError: fps that is not a positive number, or a negative duration.
    """
    if not duration >= 0:
        raise ValueError(f"duration is {duration}, expected seconds >= 0")
    return math.ceil((duration - 1e-6) * _checked(fps)) if duration > 1e-6 else 0


def frame_times(n_frames: int, fps: float) -> np.ndarray:
    r"""The times frames show, $t_i = i / \mathrm{fps}$ in s, (n_frames,).

    Args:
        n_frames: >= 0.
        fps: frames per second, > 0.

    Raises:
        ValueError: fps that is not a positive number.
    """
    return np.arange(n_frames) / _checked(fps)


def sample_count(n_frames: int, fps: float, sample_rate: int = SAMPLE_RATE) -> int:
    r"""How many samples last as long as so many frames, to the nearest sample.

    Args:
        n_frames: >= 0.
        fps: frames per second, > 0.
        sample_rate: Hz.

    Raises:
        ValueError: fps that is not a positive number.
    """
    return round(n_frames * sample_rate / _checked(fps))
