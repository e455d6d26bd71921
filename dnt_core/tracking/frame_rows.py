r"""Rows of another tool's track put at the frames of a video: NaN where there are none, or filled in."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dnt_core.tracking.foreign_track import ForeignTrack, TrackError


def on_frames(values: np.ndarray, track: ForeignTrack, n_frames: int, video: Path) -> np.ndarray:
    r"""One row per frame of the video; NaN where the track has none.

    Raises:
        TrackError: it has more rows, or another number without saying which frames they are.
    """
    rows = np.arange(len(track)) if track.rows is None else track.rows
    if (track.rows is None and len(track) != n_frames) or rows.max() >= n_frames:
        raise TrackError(
            f"{track.source}: {len(track)} rows up to frame {int(rows.max())}, but {Path(video).name} has "
            f"{n_frames} frames; give the very video that the tool read (many re-encode to 25 frames a "
            "second first)"
        )
    placed = np.full((n_frames, *values.shape[1:]), np.nan)
    placed[rows] = values
    return placed


def filled(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Rows that are NaN put between their neighbours, and which rows were there, (T,) bool."""
    found = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    if not found.any():
        raise TrackError("no frame has a face")
    frames, there = np.arange(len(values)), np.flatnonzero(found)
    flat = values.reshape(len(values), -1).copy()
    if not found.all():
        for column in flat.T:
            column[~found] = np.interp(frames[~found], there, column[there])
    return flat.reshape(values.shape), found


def given_confidence(track: ForeignTrack, found: np.ndarray, n_frames: int, video: Path) -> np.ndarray | None:
    if track.confidence is None:
        return None if found.all() else found.astype(np.float32)
    given = on_frames(np.asarray(track.confidence, float)[:, None], track, n_frames, video)[:, 0]
    return np.where(found, np.nan_to_num(given), 0).astype(np.float32)
