r"""Any film FFmpeg reads → an mp4 that every program reads alike: upright, SDR, at a constant rate."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.frame_grid import as_fps, frames_on_grid
from dnt_core.clips.media_file import open_media
from dnt_core.clips.media_reading import open_reading
from dnt_core.clips.picture_folder import left_out, pictures_in, read_pictures
from dnt_core.clips.provenance import read_provenance
from dnt_core.clips.sound import check_samples
from dnt_core.clips.video_writer import write_video
from dnt_core.paths import user_path

_SAMPLE_RATE = 48000
_MADE = {"description": "written by dnt data convert"}
FASTEST = 1000  # frames per second, more than any film of a face has


def convert_video(
    source: str | os.PathLike,
    out: str | os.PathLike,
    fps: Fraction | float | str | None = None,
    crf: int = 14,
    progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    r"""Writes a film anew, whole or not at all; the source's own provenance goes with it, no mark is burnt
    in.

    HDR film is read as SDR: see :mod:`dnt_core.clips.standard_colors`. The sound becomes mono. A last row or
    column that yuv420p has no place for is cut off.

    Args:
        source: any film FFmpeg reads, or a folder of numbered pictures, which make a film without sound.
        out: the mp4 to write, another file: a new one, or what an earlier conversion wrote.
        fps: frames per second, such as 25 or "30000/1001", at most :data:`FASTEST`; None for the
            source's own grid. Pictures need it.
        crf: 0-51; higher: smaller file, worse picture.
        progress: called with the frames done and those in all, after every frame.

    Returns:
        what was done to the film, in short phrases.

    Raises:
        ClipError: the source cannot be read; the file to write is there, and no conversion wrote it; a folder
            without pictures, or no fps.
        ValueError: another rate.
    """
    source, out = user_path(source), user_path(out)
    if out.suffix.lower() != ".mp4":
        raise ClipError(f"cannot write {out}: expected a name that ends in .mp4")
    if out.exists() and source.exists() and out.samefile(source):
        raise ClipError(f"cannot write {out}: it is the film to convert; name another file")
    if out.exists() and not _is_converted(out):
        raise ClipError(f"cannot write {out}: another film or file is there; name another file, or remove it")
    rate = None if fps is None else as_fps(fps)
    if rate is not None and rate > FASTEST:
        raise ValueError(f"fps must be at most {FASTEST}, got {fps!r}")
    if source.is_dir():
        return _of_pictures(source, out, rate, crf, progress)
    record = read_provenance(source)
    with open_reading(source, sample_rate=_SAMPLE_RATE, hdr=True) as reading:
        rate = reading.timeline.fps if rate is None else rate
        audio = check_samples(reading.sound(), str(source), ClipError) if reading.has_sound else None
        total = frames_on_grid(reading.timeline.n_frames, reading.timeline.fps, rate)
        frames = _counted(reading.frames(_even, fps=rate), total, progress)
        write_video(
            out, frames, rate, audio, _SAMPLE_RATE, _MADE, crf=crf, mark=False, provenance=record or False
        )
        return reading.remarks


def _is_converted(path: Path) -> bool:
    r"""Whether it may be written anew: what a shell makes of ``*.mp4`` may be two films of somebody's."""
    try:
        with open_media(path) as container:
            return container.metadata.get("description") == _MADE["description"]
    except ClipError:
        return path.is_file() and not path.stat().st_size


def _even(rgb: np.ndarray) -> np.ndarray:
    return rgb[: len(rgb) // 2 * 2, : rgb.shape[1] // 2 * 2]


def _counted(
    frames: Iterable[np.ndarray], total: int, progress: Callable[[int, int], None] | None
) -> Iterator[np.ndarray]:
    for done, frame in enumerate(frames, 1):
        yield frame
        if progress is not None:
            progress(done, total)


def _of_pictures(folder: Path, out: Path, rate: Fraction | None, crf: int, progress) -> list[str]:
    pictures = pictures_in(folder)
    if not pictures:
        raise ClipError(f"{folder} is a folder without pictures; expected a film, or a folder of its frames")
    if rate is None:
        raise ClipError(f"{folder}: pictures do not say their frames per second; give fps, such as --fps 30")
    frames = _counted(map(_even, read_pictures(pictures)), len(pictures), progress)
    write_video(out, frames, rate, metadata=_MADE, crf=crf, mark=False, provenance=False)
    said = [f"{len(pictures)} pictures, {pictures[0].name} to {pictures[-1].name}", left_out(pictures)]
    return [*filter(None, said)]
