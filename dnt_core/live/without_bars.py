r"""Where the square around a face reaches beyond the film, the film's edge goes on; there are no black bars.

A mirror would show a second ear beside a head that nearly fills a portrait film.
"""

from __future__ import annotations

import math

import numpy as np

from dnt_core.clips.video import Box


def without_bars(frames: np.ndarray, box: Box, video_size: tuple[int, int]) -> np.ndarray:
    r"""The frames with the film's first or last column, or row, wherever they reach beyond it; the same array
    where they do not.

    Args:
        frames: (T, H, W, 3), black where nothing was filmed.
        box: top, left, height, width px of the film's picture that they show.
        video_size: height and width px of that picture.
    """
    top, left, high, wide = box
    rows = _within(frames.shape[1], top, high, video_size[0])
    columns = _within(frames.shape[2], left, wide, video_size[1])
    for axis, places in ((1, rows), (2, columns)):
        if (places != np.arange(len(places))).any():
            frames = frames.take(places, axis)
    return frames


def _within(count: int, first: int, extent: int, filmed: int) -> np.ndarray:
    """Of ``count`` rows that show ``extent`` px from ``first`` on, of ``filmed`` px: where each is taken."""
    scale = count / extent
    begin = math.ceil(-first * scale) + 1 if first < 0 else 0  # a row half beyond is half black
    end = math.floor((filmed - first) * scale) - 1 if first + extent > filmed else count
    begin, end = max(begin, 0), min(end, count)
    return np.arange(count) if end <= begin else np.arange(count).clip(begin, end - 1)
