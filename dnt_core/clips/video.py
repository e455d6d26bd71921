r"""Reading video through PyAV: uint8 RGB frames, all or one at a time; ``video_writer`` writes it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.frame_grid import as_fps, frames_on_grid, nearest_frame
from dnt_core.clips.media_file import open_media
from dnt_core.clips.pixel_format import resize_rgb, yuv_to_rgb
from dnt_core.clips.video_writer import write_video

__all__ = ["Video", "VideoInfo", "count_frames", "iterate_frames", "read_video", "video_info", "write_video"]

Size = int | tuple[int, int]
Box = tuple[int, int, int, int]  # top, left, height, width in pixels of the file


@dataclass(frozen=True)
class VideoInfo:
    r"""What the container says of a video, without decoding it (``n_frames`` is 0 where it does not say)."""

    path: Path
    height: int
    width: int
    fps: Fraction
    n_frames: int
    has_sound: bool
    metadata: dict[str, str]


@dataclass(frozen=True)
class Video:
    r"""Frames (T, H, W, 3) uint8 RGB at ``fps`` frames a second; frame i stands at i / fps seconds."""

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
    r"""Size, rate, number of frames and metadata from the container.

    Raises:
        ClipError: the file cannot be opened or has no video track.
    """
    with open_media(path) as container:
        stream = _video_stream(container, path)
        return VideoInfo(
            Path(path),
            stream.height,
            stream.width,
            _stream_fps(stream, path),
            stream.frames,
            bool(container.streams.audio),
            dict(container.metadata),
        )


def count_frames(path: str | os.PathLike) -> int:
    r"""How many frames a video has: as its container says, or counted by decoding where it does not say."""
    with open_media(path) as container:
        stream = _video_stream(container, path)
        return stream.frames or sum(1 for _ in container.decode(stream))


def iterate_frames(
    path: str | os.PathLike,
    fps: Fraction | float | None = None,
    size: Size | None = None,
    crop: Box | None = None,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[np.ndarray]:
    r"""Decodes a video frame by frame; only one frame is held, however long the file.

    Args:
        fps: frames a second to resample to (the nearest frame is taken); None keeps the file's.
        size: height and width, or one number for both, to scale to; None keeps the file's.
        crop: (top, left, height, width) in the file's pixels, cut out before scaling; outside is black.
        start, stop: first frame and the frame after the last, counted at ``fps``; earlier frames are decoded
            (later ones lean on them) but not converted.

    Yields:
        (H, W, 3) uint8 RGB.

    Raises:
        ClipError: the file cannot be opened or decoded, or has no frame at all.
    """
    if start < 0 or (stop is not None and stop < start):
        raise ValueError(f"start and stop must satisfy 0 <= start <= stop, got {start} and {stop}")
    size = None if size is None else _pair(size)
    with open_media(path) as container:
        stream = _video_stream(container, path)
        stream.thread_type = "AUTO"
        old = _stream_fps(stream, path)
        new = old if fps is None else as_fps(fps)
        count, k, frame, rgb = 0, 0, None, None
        for frame in container.decode(stream):
            rgb = None
            while nearest_frame(k, old, new) == count and (stop is None or k < stop):
                if k >= start:
                    rgb = _convert(frame, size, crop) if rgb is None else rgb
                    yield rgb
                k += 1
            count += 1
            if stop is not None and k >= stop:
                return
        if frame is None:
            raise ClipError(f"{path} has a video track without a single frame in it")
        total = frames_on_grid(count, old, new)
        for _ in range(max(k, start), total if stop is None else min(stop, total)):
            rgb = _convert(frame, size, crop) if rgb is None else rgb
            yield rgb


def read_video(
    path: str | os.PathLike,
    fps: Fraction | float | None = None,
    size: Size | None = None,
    crop: Box | None = None,
    start: int = 0,
    stop: int | None = None,
) -> Video:
    r"""Reads a video, or its frames ``start`` to ``stop``, into memory; arguments as :func:`iterate_frames`.

    Raises:
        ClipError: the file cannot be decoded, or ends before frame ``start``.
    """
    frames = list(iterate_frames(path, fps, size, crop, start, stop))
    if not frames:
        raise ClipError(f"{path} has no frame between {start} and {stop}")
    return Video(np.stack(frames), video_info(path).fps if fps is None else as_fps(fps), Path(path))


def _convert(frame: av.VideoFrame, size: tuple[int, int] | None, crop: Box | None) -> np.ndarray:
    if crop is None:
        return yuv_to_rgb(frame, size)
    rgb = _cut_out(yuv_to_rgb(frame), crop)
    return rgb if size is None else resize_rgb(rgb, size)


def _cut_out(rgb: np.ndarray, crop: Box) -> np.ndarray:
    top, left, height, width = crop
    if height <= 0 or width <= 0:
        raise ValueError(f"crop (top, left, height, width) must have a positive size, got {crop}")
    inside = rgb[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]
    if inside.shape[:2] == (height, width):
        return inside
    out = np.zeros((height, width, 3), np.uint8)
    out[max(-top, 0) :, max(-left, 0) :][: inside.shape[0], : inside.shape[1]] = inside
    return out


def _video_stream(container: av.container.InputContainer, path: str | os.PathLike) -> av.VideoStream:
    if not container.streams.video:
        raise ClipError(f"{path} has no video track")
    return container.streams.video[0]


def _stream_fps(stream: av.VideoStream, path: str | os.PathLike) -> Fraction:
    rate = stream.average_rate or stream.guessed_rate
    if not rate:
        raise ClipError(f"{path} does not say its frame rate")
    return as_fps(rate)


def _pair(size: Size) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))
    if height <= 0 or width <= 0:
        raise ValueError(f"size must be positive, got {size}")
    return height, width
