r"""Reading video through PyAV: uint8 RGB frames, all or one at a time; ``video_writer`` writes it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from dnt_core.arguments import whole_number
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.frame_grid import as_fps, frames_on_grid
from dnt_core.clips.media_reading import MediaReading, open_reading
from dnt_core.clips.pixel_format import resize_rgb
from dnt_core.clips.video_writer import write_video

__all__ = ["Video", "VideoInfo", "count_frames", "iterate_frames", "read_video", "video_info", "write_video"]

Size = int | tuple[int, int]
LARGEST_CROP = 20  # times the picture's longer side; more is black
Box = tuple[int, int, int, int]  # top, left, height, width in pixels of the shown picture


@dataclass(frozen=True)
class VideoInfo:
    r"""A video's height and width as shown, its frames a second and how many there are, and its metadata.

    Args:
        path: the file.
        height: of the picture as shown, px.
        width: of the picture as shown, px.
        fps: frames per second.
        n_frames: T.
        has_sound: whether there is a sound track.
        metadata: tags of the container.
        stored_size: height and width of the upright picture in stored pixels, which need not be square.
    """

    path: Path
    height: int
    width: int
    fps: Fraction
    n_frames: int
    has_sound: bool
    metadata: dict[str, str]
    stored_size: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Video:
    r"""Frames (T, H, W, 3) uint8 RGB at ``fps`` frames a second; frame i stands at i / fps seconds.

    Args:
        frames: (T, H, W, 3) uint8 RGB.
        fps: frames per second.
        path: the file that they were read from, or None.
    """

    frames: np.ndarray
    fps: Fraction
    path: Path | None = None

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def duration(self) -> float:
        r"""Seconds."""
        return float(len(self.frames) / self.fps)


def video_info(path: str | os.PathLike) -> VideoInfo:
    r"""Size as shown, rate, number of frames and metadata; one frame is decoded.

    Args:
        path: any video that FFmpeg reads.

    Raises:
        ClipError: the file cannot be opened, is damaged or has no video track.
    """
    with open_reading(path, threads=1) as reading:
        grid = reading.timeline
        return VideoInfo(
            reading.path,
            reading.height,
            reading.width,
            grid.fps,
            grid.n_frames,
            reading.has_sound,
            reading.metadata,
            reading.stored_size,
        )


def count_frames(path: str | os.PathLike) -> int:
    r"""How many frames a video has: those that :func:`iterate_frames` gives, by their time stamps.

    Args:
        path: any video that FFmpeg reads.

    Raises:
        ClipError: the file cannot be opened, is damaged or has no video track.
    """
    return video_info(path).n_frames


def iterate_frames(
    path: str | os.PathLike,
    fps: Fraction | float | None = None,
    size: Size | None = None,
    crop: Box | None = None,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[np.ndarray]:
    r"""Decodes a video frame by frame; only one frame is held, however long the file.

    Frames are as players show them: the right way up, with square pixels, at the times that the file gives
    them.

    Args:
        path: any file FFmpeg reads.
        fps: frames a second to resample to (the nearest frame is taken); None keeps the file's.
        size: height and width, or one number for both, to scale to; None keeps the file's.
        crop: (top, left, height, width) in the shown picture's pixels, cut out before scaling; outside is
            black.
        start: first frame, counted at ``fps``; earlier ones are decoded (later ones lean on them), not
            converted.
        stop: the frame after the last; None for the end.

    Yields:
        (H, W, 3) uint8 RGB.

    Raises:
        ClipError: the file cannot be opened or decoded, has no frame at all, or changes its size on the way.
        ValueError: not 0 <= start <= stop.
    """
    if start < 0 or (stop is not None and stop < start):
        raise ValueError(f"start and stop must satisfy 0 <= start <= stop, got {start} and {stop}")
    with open_reading(path) as reading:
        yield from cut_frames(reading, None if fps is None else as_fps(fps), size, crop, start, stop)


def lies_beside(box: Box, height: int, width: int) -> bool:
    r"""Whether a part of a picture shows nothing of it.

    Args:
        box: top, left, height and width of the part, px.
        height: of the picture, px.
        width: of the picture, px.
    """
    top, left, high, wide = box
    return top >= height or left >= width or top + high <= 0 or left + wide <= 0


def cut_frames(
    reading: MediaReading,
    fps: Fraction | None,
    size: Size | None,
    crop: Box | None,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[np.ndarray]:
    r"""Rows of a file that is open already; arguments as :func:`iterate_frames`."""
    size = None if size is None else as_pair(size)
    if crop is None:
        return reading.frames(lambda rgb: rgb, size, fps, start, stop)
    _check_crop(crop)
    beside = lies_beside(crop, reading.height, reading.width)
    if beside or max(crop[2:]) > LARGEST_CROP * max(reading.height, reading.width):
        raise ClipError(
            f"{reading.path}: the crop (top, left, height, width) {tuple(crop)} lies beside its picture of "
            f"{reading.width}x{reading.height} or is more than {LARGEST_CROP} times as large; expected one "
            "of this very video"
        )

    def convert(rgb: np.ndarray) -> np.ndarray:
        part = _cut_out(rgb, crop)
        return part if size is None else resize_rgb(part, size)

    return reading.frames(convert, None, fps, start, stop)


def read_video(
    path: str | os.PathLike,
    fps: Fraction | float | None = None,
    size: Size | None = None,
    crop: Box | None = None,
    start: int = 0,
    stop: int | None = None,
) -> Video:
    r"""Reads a video, or its frames ``start`` to ``stop``, into memory; arguments as :func:`iterate_frames`.

    Args:
        path: any video that FFmpeg reads.
        fps: frames per second to resample to; None keeps the file's.
        size: height and width px, or one number for both, to scale to; None keeps the file's.
        crop: (top, left, height, width) px of the shown picture, cut out before scaling; None: all of it.
        start: first frame, counted at ``fps``.
        stop: the frame after the last; None for the end.

    Raises:
        ClipError: the file cannot be decoded, or ends before frame ``start``.
        ValueError: not 0 <= start <= stop.
    """
    if start < 0 or (stop is not None and stop < start):
        raise ValueError(f"start and stop must satisfy 0 <= start <= stop, got {start} and {stop}")
    with open_reading(path) as reading:
        grid = reading.timeline
        rate = grid.fps if fps is None else as_fps(fps)
        count = frames_on_grid(grid.n_frames, grid.fps, rate)
        count = max(0, (count if stop is None else min(stop, count)) - start)
        frames = stacked(cut_frames(reading, rate, size, crop, start, stop), count)
    if not len(frames):
        raise ClipError(f"{path} has no frame between {start} and {stop}")
    return Video(frames, rate, reading.path)


def stacked(frames: Iterable[np.ndarray], count: int) -> np.ndarray:
    r"""(T, H, W, 3) of at most ``count`` frames that come one by one; each is held once."""
    out = np.zeros((0, 0, 0, 3), np.uint8)
    done = 0
    for done, frame in enumerate(frames, 1):
        out = np.empty((count, *frame.shape), np.uint8) if done == 1 else out
        out[done - 1] = frame
    return out[:done]


def _check_crop(crop: Box) -> None:
    if crop[2] <= 0 or crop[3] <= 0:
        raise ValueError(f"crop (top, left, height, width) must have a positive size, got {crop}")


def _cut_out(rgb: np.ndarray, crop: Box) -> np.ndarray:
    top, left, height, width = crop
    inside = rgb[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]
    if inside.shape[:2] == (height, width):
        return inside
    out = np.zeros((height, width, 3), np.uint8)
    out[max(-top, 0) :, max(-left, 0) :][: inside.shape[0], : inside.shape[1]] = inside
    return out


def as_pair(size: Size) -> tuple[int, int]:
    r"""(height, width) px of a size given as one number or two; TypeError or ValueError for others."""
    both = size if isinstance(size, tuple | list) else (size, size)
    if len(both) != 2:
        raise ValueError(f"size must be one number of pixels or (height, width), got {size}")
    return whole_number(both[0], "size"), whole_number(both[1], "size")
