r"""Writing video: H.264 in yuv420p with AAC sound, marked and with its provenance unless told otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterable
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
from av.container import OutputContainer

from dnt_core.atomic_write import atomic_path
from dnt_core.clips import sound
from dnt_core.clips.frame_grid import as_fps
from dnt_core.clips.pixel_format import BT709, LIMITED, rgb_to_yuv
from dnt_core.clips.provenance import mark_frame, provenance_record, to_comment
from dnt_core.paths import user_path

PRESETS = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo",
)  # fmt: skip


def write_video(
    path: str | os.PathLike,
    frames: np.ndarray | Iterable[np.ndarray],
    fps: Fraction | float,
    audio: np.ndarray | None = None,
    sample_rate: int = sound.SAMPLE_RATE,
    metadata: dict[str, str] | None = None,
    crf: int = 18,
    mark: bool = True,
    provenance: dict[str, Any] | Literal[False] | None = None,
    preset: str = "fast",
) -> Path:
    r"""Writes an mp4 (H.264, yuv420p, BT.709), whole or not at all; same input, same bytes.

    Args:
        path: ends in ``.mp4``.
        frames: (T, H, W, 3) uint8 RGB, or an iterable of (H, W, 3); height and width even.
        fps: frames per second, above 0; fractions such as 30000/1001 are kept exactly.
        audio: (N,) floating mono in [-1, 1] at ``sample_rate`` Hz, or None for a silent file.
        sample_rate: Hz of ``audio``, one that AAC has, 7350 … 96000.
        metadata: further tags of the container, such as ``title``.
        crf: 0–51, x264's constant rate factor; higher: smaller file, worse picture.
        mark: burn the visible "SYNTHETIC" mark into every frame. Footage to train on passes False.
        provenance: record for the file's ``comment`` (see :func:`provenance_record`); None writes the plain
            record, False none at all (only right for footage of a camera).
        preset: x264's effort, one of :data:`PRESETS`; slower ones make smaller files.

    Raises:
        ValueError: another ending than ``.mp4``; no frames, wrong shape or type, odd sizes, frames of
            different sizes or too small for the mark; NaN sound, a rate, ``crf`` or ``preset`` that there is
            not.

    Examples:
        >>> import numpy as np
        >>> frames = np.zeros((5, 64, 64, 3), np.uint8)
        >>> dnt_core.write_video("black.mp4", frames, fps=25).name
        'black.mp4'
    """
    path = user_path(path)
    if path.suffix.lower() != ".mp4":
        raise ValueError(f"cannot write video to {path.name}: expected an .mp4")
    rate = as_fps(fps)
    if not 0 <= crf <= 51:
        raise ValueError(f"crf must lie in [0, 51], got {crf}")
    if preset not in PRESETS:
        raise ValueError(f"unknown preset {preset!r}; expected one of {', '.join(PRESETS)}")
    record = provenance_record() if provenance is None else provenance
    tags = dict(metadata or {})
    if record is not False:
        if "comment" in tags:
            record = {**record, "comment": tags["comment"]}
        tags["comment"] = to_comment(record)
    if audio is not None:
        audio, sample_rate = (
            sound.check_samples(audio, f"the sound for {path}"),
            sound.check_rate(sample_rate),
        )
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        raise ValueError(f"no frames to write to {path}, expected at least one")
    first = _check_frame(first, 0, None, path)
    with atomic_path(path) as part, sound.open_for_writing(part, "mp4") as container:
        container.metadata.update(tags)
        stream = _h264_stream(container, rate, first.shape, crf, preset)
        voice = None if audio is None else sound.add_sound_stream(container, sample_rate)
        blocks = iter(()) if audio is None else sound.sound_frames(audio, sample_rate)
        block = next(blocks, None)
        for index, rgb in enumerate(chain([first], frames)):
            rgb = _check_frame(rgb, index, first.shape[:2], path)
            frame = rgb_to_yuv(mark_frame(rgb) if mark else rgb)
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(stream.encode(frame))
            # in step: little waits in memory
            while voice is not None and block is not None and (block.time or 0.0) <= (index + 1) / rate:
                container.mux(voice.encode(block))
                block = next(blocks, None)
        container.mux(stream.encode(None))
        if voice is not None:
            while block is not None:
                container.mux(voice.encode(block))
                block = next(blocks, None)
            container.mux(voice.encode(None))
    return path


def _h264_stream(
    container: OutputContainer, rate: Fraction, shape: tuple[int, ...], crf: int, preset: str
) -> av.VideoStream:
    # B frames would save 3-11 % but make x264's bytes differ between runs (37 of 600 at 64 px)
    options = {"crf": str(crf), "preset": preset, "x264-params": "bframes=0"}
    stream = container.add_stream("libx264", rate=rate, options=options)
    stream.height, stream.width, stream.pix_fmt = shape[0], shape[1], "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.thread_count = 1  # x264's bytes depend on the number of threads
    context.gop_size = max(1, round(rate))  # a key frame a second, to seek by
    context.flags |= 1 << 23  # AV_CODEC_FLAG_BITEXACT
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED
    return stream


def _check_frame(frame: np.ndarray, index: int, size: tuple[int, int] | None, path: Path) -> np.ndarray:
    frame = np.asarray(frame)
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        found = f"{frame.shape} {frame.dtype}"
        raise ValueError(f"frame {index} for {path} must be (H, W, 3) uint8 RGB, got {found}")
    if frame.shape[0] % 2 or frame.shape[1] % 2:
        found = f"{frame.shape[1]}x{frame.shape[0]}"
        raise ValueError(f"frame {index} for {path} is {found}; yuv420p needs an even width and height")
    if size is not None and frame.shape[:2] != size:
        raise ValueError(f"frame {index} for {path} is {frame.shape[:2]}, but the first was {size}")
    return frame
