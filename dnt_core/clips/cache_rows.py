r"""A cache's rows against a video's frames: one row per shown frame on its grid, or how to get there."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.face_cache import PER_FRAME, FaceCache, read_face_cache
from dnt_core.clips.frame_grid import rows_at

if TYPE_CHECKING:
    from dnt_core.clips.media_reading import MediaReading


def why_rows_differ(cache: FaceCache, reading: MediaReading) -> str | None:
    r"""None where row i of a cache belongs to frame i of a video as it is read here.

    Args:
        cache: of the video.
        reading: the video, open.

    Returns:
        else "": the numbers differ; or ": why, and how to go on", where the rows count the stored frames.
    """
    grid, rows = reading.timeline, len(cache)
    irregular = not grid.one_to_one and abs(float(cache.fps / grid.fps) - 1) > 0.01
    if rows == grid.n_frames and not irregular:
        return None
    if reading.clock.hidden and rows == grid.stored + reading.clock.hidden:
        why = f"{reading.clock.hidden} of its rows belong to frames that an edit list hides"
    elif not grid.one_to_one and rows == grid.stored:
        fps = f"{float(grid.fps):.4g}"
        why = f"its rows count stored frames, which come at irregular times (here {fps} a second)"
    else:
        return ""
    return f": {why}; dnt_core.clips.stored_rows_to_grid(CLIP) writes it anew with one row per shown frame"


def stored_frames_of_rows(video: str | os.PathLike) -> dict[int, np.ndarray]:
    r"""Which stored frame every row of a video shows, where that is not simply the row's number.

    Other programs give one result per stored frame, some those that an edit list hides, too.

    Args:
        video: any video that FFmpeg reads.

    Returns:
        {} where row k is stored frame k; else number of stored frames → (T,) int64 frame of each row, for
        those that are shown and, where some are hidden, for all.
    """
    from dnt_core.clips.media_reading import open_reading

    with open_reading(video, threads=1) as reading:
        grid, shown, stored = reading.timeline, reading.clock.times(), reading.clock.times(with_hidden=True)
    if grid.one_to_one and len(shown) == len(stored):
        return {}
    first = np.array([grid.row(seconds) for seconds in shown])
    frame = np.searchsorted(first, np.arange(grid.n_frames), side="right") - 1
    frame = frame.clip(0)
    return {len(shown): frame, len(stored): np.searchsorted(stored, shown)[frame]}


def stored_rows_to_grid(video: str | os.PathLike) -> Path:
    r"""Writes a cache anew whose rows count stored frames: one row per shown frame, linear in time between
    them.

    Args:
        video: the clip, its ``.face3d.npz`` beside it.

    Returns:
        the cache's path.

    Raises:
        ClipError: no cache, or one whose rows are not the stored frames.
    """
    from dnt_core.clips.face_cache import face_cache_path, write_face_cache
    from dnt_core.clips.media_reading import open_reading

    cache = read_face_cache(video)
    with open_reading(video, threads=1) as reading:
        grid, shown, stored = reading.timeline, reading.clock.times(), reading.clock.times(with_hidden=True)
    times = {len(shown): shown, len(stored): stored}.get(len(cache))
    if times is None:
        raise ClipError(
            f"{face_cache_path(video)} has {len(cache)} rows; expected {len(stored)}, the frames stored in "
            f"{Path(video).name}, or {len(shown)}, those that are shown"
        )
    at = np.arange(grid.n_frames) / float(grid.fps)
    position = np.interp(at, times, np.arange(len(times)))

    def on_grid(values: np.ndarray) -> np.ndarray:
        return rows_at(values, position, np.float32)

    rows = {f.name: getattr(cache, f.name) for f in fields(cache)}
    per_frame = {k: on_grid(v) for k, v in rows.items() if k in PER_FRAME and v is not None}
    if cache.confidence is not None:  # beside a row without a face there is none either
        lost = on_grid((cache.confidence <= 0).astype(np.float32)) > 0
        per_frame["confidence"] = np.where(lost, 0, per_frame["confidence"])
    return write_face_cache(video, replace(cache, fps=grid.fps, **per_frame))
