r"""Rows of another tool's track put at the frames of a video: NaN where there are none, or filled in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from dnt_core.clips import stored_frames_of_rows
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError, numbered
from dnt_core.tracking.landmark_model import euler_angles
from dnt_core.tracking.segment_fit import ANGLES


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


def by_shown_frames(
    track: ForeignTrack,
    n_frames: int,
    video: Path,
    beside: ForeignTrack | None = None,
    tables: dict[int, np.ndarray] | None = None,
) -> ForeignTrack:
    r"""Gives numbered files their frames, and rows that count stored frames those in which they are shown.

    Most tools give one row per stored frame. In films of phones and screen recorders these come at irregular
    times, and some are hidden by an edit list: a frame is held for several rows of the video, or for none.

    Args:
        track: as a tool's reader gives it.
        n_frames: rows of the video.
        video: the clip.
        beside: see :func:`~dnt_core.tracking.foreign_track.numbered`.
        tables: ``stored_frames_of_rows(video)``, where it was called already.
    """
    tables = stored_frames_of_rows(video) if tables is None else tables
    plain = track.rows is None and track.numbers is None
    if not tables or (plain and len(track) not in tables):
        return numbered(track, n_frames, beside)
    count = len(track) if len(track) in tables else min(tables)
    track = numbered(track, count, beside)
    as_counted = np.array_equal(tables[count], np.arange(n_frames))
    if as_counted or (track.rows is not None and track.rows.max() >= count):
        return track
    rows = np.arange(len(track)) if track.rows is None else track.rows

    def shown(values: np.ndarray | None) -> np.ndarray | None:
        if values is None:
            return None
        stored = np.full((count, *values.shape[1:]), np.nan)
        stored[rows] = values
        return stored[tables[count]]

    arrays = ("parameters", "landmarks", "alignment", "confidence")
    said = (
        f"the {count} stored frames of {Path(video).name} are not its {n_frames} rows (irregular times, or "
        f"an edit list): each row of {track.source} stands where its frame is shown"
    )
    return replace(
        track,
        **{name: shown(getattr(track, name)) for name in arrays},
        rows=None,
        numbers=None,
        note="; ".join(filter(None, (track.note, said))),
    )


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


def filled_faces(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""As :func:`filled`, of (T, 257) in storage order: between its neighbours a head turns by the shortest
    way, also where an angle passes from 180 degrees to -180.
    """
    made, found = filled(rows)
    there, missing = np.flatnonzero(found), np.flatnonzero(~found)
    if len(missing) and len(there) > 1:
        turns = Slerp(there, Rotation.from_euler("xyz", rows[there, ANGLES]))
        made[missing, ANGLES] = euler_angles(turns(missing.clip(there[0], there[-1])).as_matrix())
    return made, found


def given_confidence(track: ForeignTrack, found: np.ndarray, n_frames: int, video: Path) -> np.ndarray | None:
    if track.confidence is None:
        return None if found.all() else found.astype(np.float32)
    given = on_frames(np.asarray(track.confidence, float)[:, None], track, n_frames, video)[:, 0]
    return np.where(found, np.nan_to_num(given), 0).astype(np.float32)
