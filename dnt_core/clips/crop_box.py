r"""Which part of a clip's picture is shown: one fixed square per clip, so that nothing jitters.

MEAD's frames are 1920 × 1080 with the face in the middle; networks want a square of some 256 pixels around
it. ``"face"`` is the part the face reconstruction looked at if its cache says which, else a square around the
cached landmarks, else the centre of the picture. ``"camera"`` is what the cache's camera sees: that part, or
the whole picture where it names none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.face_cache import FaceCache
from dnt_core.clips.video import Box

FACE_MARGIN = 1.7  # side of the square around the landmarks, in units of their larger extent
Crop = Literal["face", "center", "camera"] | Box
_ROUNDED = 1.5  # px of the smaller picture, by which a scaled one may be off


def face_box(landmarks: np.ndarray, margin: float = FACE_MARGIN) -> Box:
    r"""One square around the landmarks (T, 68, 2) of all frames, (top, left, side, side) in their pixels.

    Landmarks stop at the brows, so the square's centre lies a tenth of its side above theirs.

    Args:
        landmarks: (T, N, 2) column and row, px, finite.
        margin: side of the square, as a multiple of the landmarks' extent; higher: more around the face.

    Raises:
        ValueError: another shape, or NaN.
    """
    if landmarks.ndim != 3 or landmarks.shape[2] != 2 or not landmarks.size:
        raise ValueError(f"landmarks must have shape (T, 68, 2), got {landmarks.shape}")
    if not np.isfinite(landmarks).all():
        raise ValueError("landmarks hold NaN or infinity; leave frames without a face out")
    low, high = landmarks.min((0, 1)), landmarks.max((0, 1))  # column, row
    side = int(np.ceil(margin * (high - low).max() / 2)) * 2
    column, row = (low + high) / 2
    return round(float(row) - 0.6 * side), round(float(column) - 0.5 * side), side, side


def in_picture(cache: FaceCache, height: int, width: int) -> FaceCache:
    r"""A cache with its crop in pixels of the video's picture as it is now: films are scaled after they were
    tracked.

    Args:
        cache: of the clip. Where it does not say which size its crop means, it stays as it is.
        height: of the picture as shown, px.
        width: of the picture as shown, px.

    Raises:
        ClipError: the picture has another shape than the tracked one, so that other parts of it are shown.
    """
    if cache.crop is None or cache.video_size in (None, (height, width)):
        return cache
    before = np.array(cache.video_size)
    scale = (height * width / before.prod()) ** 0.5
    if np.abs(before * scale - (height, width)).max() > _ROUNDED * max(1, scale):
        raise ClipError(
            f"it was tracked in a picture of {before[1]}x{before[0]} px, and the video's now has another "
            f"shape, {width}x{height}: track it anew (`dnt track --again`)"
        )
    crop = tuple(int(number) for number in np.round(np.array(cache.crop) * scale))
    return replace(cache, crop=crop, video_size=(height, width))


def crop_box(crop: Crop, cache: FaceCache | None, height: int, width: int) -> Box:
    r"""(top, left, height, width) of the part that a crop shows.

    Args:
        crop: "face", "center" or "camera", or the four numbers themselves.
        cache: of the clip, if it has one.
        height: of the picture, px.
        width: of the picture, px.

    Raises:
        ValueError: another word, or not four numbers with a positive size.
    """
    if isinstance(crop, str):
        if crop not in ("face", "center", "camera"):
            raise ValueError(
                f"crop must be 'face', 'center', 'camera' or (top, left, height, width), got {crop!r}"
            )
        if crop == "camera":
            return (0, 0, height, width) if cache is None or cache.crop is None else cache.crop
        if crop == "face" and cache is not None and cache.crop is not None:
            return cache.crop
        if crop == "face" and cache is not None and cache.landmarks is not None:
            scale = np.array([width, height]) / (cache.image_size or (height, width))[::-1]
            return face_box((cache.landmarks + 0.5) * scale - 0.5)
        side = min(height, width)
        return (height - side) // 2, (width - side) // 2, side, side
    numbers = np.asarray(crop, dtype=float)
    if numbers.shape != (4,) or not np.isfinite(numbers).all() or numbers[2:].min() < 1:
        raise ValueError(
            f"crop (top, left, height, width) must be four numbers with a positive size, got {crop}"
        )
    top, left, height, width = (int(number) for number in numbers)
    return top, left, height, width
