r"""Poses that another tool stored and that no head in front of a camera has, beside rows without a face.

Landmarks are held to a face model's mean (:mod:`~dnt_core.tracking.possible_heads`). A track with poses of
its own says more: where the head is, how near, and how it is turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from dnt_core.clips import Clip, Problem, read_face_cache, video_info
from dnt_core.clips.crop_box import in_picture
from dnt_core.face3d import PerspectiveCamera, rotation_matrix
from dnt_core.face3d.parameters import STORAGE_COLUMNS
from dnt_core.tracking.foreign_track import TrackError
from dnt_core.tracking.possible_heads import AWAY, TURNED, counted, lying, roll_of, without_jumps

HEAD = 1.0  # dm: from the head's origin to the tip of its nose, and to its sides
SPAN = (0.02, 10.0)  # of the side of the picture that the tool looked at: how large a head is in it
COEFFICIENTS = 10.0  # root mean square of identity and expression, which are about N(0, 1)
IDENTITY_AND_EXPRESSION = slice(STORAGE_COLUMNS["identity"].start, STORAGE_COLUMNS["expression"].stop)
POSE = np.r_[STORAGE_COLUMNS["angles"], STORAGE_COLUMNS["translation"]]


def with_a_face(rows: np.ndarray) -> np.ndarray:
    r"""(T,) bool: a tool that lost the face leaves numbers that are not finite, or a pose of zeros.

    Args:
        rows: (T, 257) in storage order.
    """
    return np.logical_and(np.isfinite(rows).all(axis=1), rows[:, POSE].any(axis=1))


def possible_poses(
    rows: np.ndarray,
    camera: PerspectiveCamera,
    windows: np.ndarray,
    size: tuple[int, int],
    video: Path,
    source: str,
) -> tuple[np.ndarray, str]:
    r"""Takes out the rows whose pose no head in the video has.

    Args:
        rows: (T, 257) in storage order, NaN where there is no face.
        camera: that the poses are seen by.
        windows: (T, 3) column and row of the upper left edge and side of what it sees, px of the frame.
        size: width and height of the frame, px.
        video: whose header may say how it is turned.
        source: of the poses, for sentences.

    Returns:
        the rows with NaN in those frames; one sentence about them and about a head that does not stand
        upright, or "".

    Raises:
        TrackError: it is so in most frames, or all are turned as the stored picture is; one sentence.
    """
    marked, roll = impossible_poses(rows, camera, windows, size)
    seen, wrong = int(np.isfinite(rows).all(axis=1).sum()), _all_frames(marked[:-1])
    if 2 * len(wrong) > seen:
        what, frames = max(marked[:-1], key=lambda pair: len(pair[1]))
        raise TrackError(
            f"{source}: {_found(what, frames, rows)}; expected "
            "decimetres, radians and the axes of docs/formats.md, found in this very video"
        )
    said = [counted(frames, what, len(rows)) for what, frames in marked]
    rows = rows.copy()
    rows[_all_frames(marked)] = np.nan
    said.append(lying(roll[np.isfinite(rows).all(axis=1)], video, source, "run the tool"))
    return rows, "; ".join(filter(None, said))


def impossible_poses(
    rows: np.ndarray, camera: PerspectiveCamera, windows: np.ndarray, size: tuple[int, int]
) -> tuple[list[tuple[str, np.ndarray]], np.ndarray]:
    r"""What no head in the video has, each with the frames that have it, and (T,) rolls in degrees; arguments
    as :func:`possible_poses`. A frame is named once; the last are those that jump between the others.
    """
    found = np.flatnonzero(np.isfinite(rows).all(axis=1))
    given = rows[found]
    angles = given[:, STORAGE_COLUMNS["angles"]]
    rotation = rotation_matrix(torch.from_numpy(angles)).numpy()
    reasons = _by_place(given, camera, windows[found], size)
    turns = np.abs(angles).max(axis=1) > 2 * np.pi
    reasons["angles of more than a full turn, as if in degrees"] = turns
    reasons["angles of a head that looks away from the camera"] = rotation[:, 2, 2] < AWAY
    wrong, marked = np.zeros(len(found), bool), []
    for what, where in reasons.items():
        marked.append((what, found[where & ~wrong]))
        wrong |= where
    roll = np.full(len(rows), np.nan)
    roll[found] = roll_of(rotation)
    rest = found[~wrong]
    marked.append((TURNED, rest[~without_jumps(roll[rest])]))
    return marked, roll


def impossible_caches(clips: Sequence[Clip]) -> list[Problem]:
    r"""A problem for each clip whose cache holds poses that no head in the video has, in frames that it does
    not mark as without a face.

    Args:
        clips: those without a cache are passed over.
    """
    problems = []
    for clip in clips:
        if clip.face_cache is None:
            continue
        info = video_info(clip.video)
        cache = in_picture(read_face_cache(clip.face_cache), info.height, info.width)
        top, left, high, wide = cache.crop or (0, 0, info.height, info.width)
        rows = np.where(cache.has_face[:, None], cache.parameters.astype(np.float64), np.nan)
        windows = np.tile([left, top, max(high, wide)], (len(rows), 1)).astype(float)
        marked, _ = impossible_poses(rows, PerspectiveCamera(), windows, (info.width, info.height))
        said = [_found(what, frames, rows) for what, frames in marked if len(frames)]
        if said:
            reason = f"impossible poses: {'; '.join(said)}; track or import the clip anew"
            problems.append(Problem(clip.face_cache, reason, left_out=False))
    return problems


def _found(what: str, frames: np.ndarray, rows: np.ndarray) -> str:
    return f"{len(frames)} of {len(rows)} frames have {what}, first frame {frames[0]}"


def _all_frames(marked: Sequence[tuple[str, np.ndarray]]) -> np.ndarray:
    return np.concatenate([frames for _, frames in marked])


def _by_place(
    given: np.ndarray, camera: PerspectiveCamera, windows: np.ndarray, size: tuple[int, int]
) -> dict[str, np.ndarray]:
    r"""What is wrong with coefficients and places, (T,) bool each."""
    translation = given[:, STORAGE_COLUMNS["translation"]]
    depth = camera.distance - translation[:, 2]
    behind = depth <= HEAD
    radius = HEAD * camera.scale * camera.focal / np.where(behind, np.inf, depth)  # px of what it sees
    span = 2 * radius / camera.image_size
    origin = camera.project(torch.from_numpy(translation[:, None]))[:, 0, :2].numpy()
    per_px = windows[:, 2:] / camera.image_size
    middle = (origin + 0.5) * per_px + windows[:, :2]  # px of the frame, from its edge
    reach = radius[:, None] * per_px
    outside = ((middle + reach < 0) | (middle - reach > np.array(size))).any(axis=1)
    spread = np.sqrt((given[:, IDENTITY_AND_EXPRESSION] ** 2).mean(axis=1))
    return {
        f"coefficients {COEFFICIENTS:g} times as large as a face's": spread > COEFFICIENTS,
        "a head behind the camera, or in it": behind,
        f"a head less than {SPAN[0]:g} or more than {SPAN[1]:g} times as large as the picture": (
            ~behind & ((span < SPAN[0]) | (span > SPAN[1]))
        ),
        "a head outside of the picture": ~behind & outside,
    }
