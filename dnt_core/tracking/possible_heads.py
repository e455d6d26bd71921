r"""Landmarks of a head that nobody sees: mirrored, or turned by half a turn from one frame to the next.

A face model can be put under such landmarks, and it fits them as well as any others, because 68 points under
a nearly parallel projection fit a mirrored face from behind. So the distance of a fit does not say that they
are wrong. What says it is the pose: the face then looks away from the camera, or its roll jumps.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dnt_core.clips.media_reading import open_reading
from dnt_core.face3d import MorphableModel
from dnt_core.tracking.foreign_track import TrackError
from dnt_core.tracking.landmark_model import N_LANDMARKS, scaled_orthography

AWAY = -0.3  # cosine of 107 degrees between face and camera: a detector's profiles end at some 90
LARGEST = 10.0  # times the picture's longer side: a face
JUMP = 60.0  # degrees of roll from frame to frame; a head, or the hand with the phone, turns by some 20
FORESHORTENED = 0.3  # the head's axis points so much at the camera that its roll says nothing
LIES = 45.0  # degrees of roll from which a head does not stand upright
TURNED = "a head turned against the frames around"
AS_THE_HEADER = 30.0  # degrees between a roll and the turn in the video's header that explains it


def possible_heads(
    model: MorphableModel,
    landmarks: np.ndarray,
    video: Path,
    source: str,
    size: tuple[int, int] = (0, 0),
) -> tuple[np.ndarray, str]:
    r"""Takes out the frames whose landmarks no head in front of a camera gives.

    Args:
        model: the face model; its mean face is held to the landmarks.
        landmarks: (T, 68, 2) column and row in px, NaN where there is no face.
        video: whose header may say how it is turned.
        source: of the landmarks, for sentences.
        size: width and height px of the video's frame, where faces outside of it are to be taken out, too.

    Returns:
        the landmarks with NaN in those frames; one sentence about them and about a head that does not stand
        upright, or "".

    Raises:
        TrackError: most frames are mirrored or outside of the picture, or all are turned as the stored
            picture is; one sentence.
    """
    outside = _outside(landmarks, size)
    seen = int(np.isfinite(landmarks).all((1, 2)).sum())
    if 2 * len(outside) > seen:
        raise TrackError(
            f"{source}: in {len(outside)} of {seen} frames the landmarks lie outside of the picture of "
            f"{Path(video).name} ({size[0]}x{size[1]}), first frame {outside[0]}; expected px of this very "
            "video at this size, or --landmarks-size"
        )
    landmarks = landmarks.copy()
    landmarks[outside] = np.nan
    found = np.flatnonzero(np.isfinite(landmarks).all((1, 2)))
    marks = landmarks[found]
    mean = model.mean_shape[model.landmark_indices].double().numpy(force=True)
    rotation, _, _ = scaled_orthography(mean, marks, np.ones((len(found), N_LANDMARKS)))
    away = rotation[:, 2, 2] < AWAY
    if 2 * away.sum() > len(found):
        raise TrackError(
            f"{source}: in {away.sum()} of {len(found)} frames left and right, or up and down, are "
            "exchanged, as in a mirror; expected columns from the left and rows from the top, found in this "
            "very video"
        )
    roll = roll_of(rotation)
    jumps = np.zeros(len(found), bool)
    jumps[~away] = ~without_jumps(roll[~away])
    kept = ~away & ~jumps
    said = [
        counted(outside, "landmarks outside of the picture", len(landmarks)),
        counted(found[away], "mirrored landmarks", len(landmarks)),
        counted(found[jumps], TURNED, len(landmarks)),
        lying(roll[kept], video, source),
    ]  # fmt: skip
    landmarks[found[~kept]] = np.nan
    return landmarks, "; ".join(filter(None, said))


def _outside(landmarks: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    r"""Frames in which the middle of the landmarks lies outside, or a face is far larger than the picture."""
    if not all(size):
        return np.zeros(0, int)
    low, high = landmarks.min(axis=1), landmarks.max(axis=1)  # (T, 2)
    middle = (low + high) / 2 + 0.5
    wrong = ((middle < 0) | (middle > np.array(size))).any(axis=1)
    return np.flatnonzero(wrong | ((high - low).max(axis=1) > LARGEST * max(size)))


def roll_of(rotation: np.ndarray) -> np.ndarray:
    r"""(T,) degrees, anticlockwise in the picture; NaN where the head's axis points at the camera."""
    up = rotation[:, :2, 1]
    roll = np.degrees(np.arctan2(-up[:, 0], up[:, 1]))
    return np.where(np.linalg.norm(up, axis=1) > FORESHORTENED, roll, np.nan)


def rolls_apart(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray:
    r"""Degrees between two rolls, 0 where one is not known."""
    return np.nan_to_num(np.abs(np.asarray((a - b + 180) % 360 - 180)))


def without_jumps(roll: np.ndarray) -> np.ndarray:
    r"""(T,) bool: the frames that the clip's longest run without a jump of the roll leads to."""
    kept = np.zeros(len(roll), bool)
    if not len(roll):
        return kept
    known = roll.copy()
    for i in range(1, len(known)):  # what is not known is as before
        known[i] = known[i - 1] if np.isnan(known[i]) else known[i]
    runs = np.split(np.arange(len(roll)), np.flatnonzero(rolls_apart(known[1:], known[:-1]) > JUMP) + 1)
    longest = int(np.argmax([len(run) for run in runs]))
    kept[runs[longest]] = True
    for onwards, order in ((True, runs[longest + 1 :]), (False, runs[:longest][::-1])):
        last = known[runs[longest][-1 if onwards else 0]]
        for run in order:
            near, far = (run[0], run[-1]) if onwards else (run[-1], run[0])
            if rolls_apart(known[near], last) <= JUMP:
                kept[run], last = True, known[far]
    return kept


def lying(roll: np.ndarray, video: Path, source: str, looked: str = "find the landmarks") -> str:
    r"""A sentence on a head that does not stand upright in most frames, or "".

    Args:
        roll: (T,) degrees, see :func:`roll_of`.
        video: whose header may say how it is turned.
        source: of the rolls, for sentences.
        looked: what is to be done anew in the picture as shown.

    Raises:
        TrackError: the turn is the one that the header names; one sentence.
    """
    roll = roll[np.isfinite(roll)]
    lies = rolls_apart(roll, 0) > LIES
    if 2 * lies.sum() <= len(roll):
        return ""
    usual = float(np.degrees(np.angle(np.exp(1j * np.radians(roll[lies])).mean())))
    with open_reading(video, threads=1) as reading:
        header = reading.orientation
    if header.right_angles and rolls_apart(usual, header.right_angles) < AS_THE_HEADER:
        raise TrackError(
            f"{source}: the head is turned by {abs(usual):.0f} degrees, as in the stored picture, but the "
            f"header of {Path(video).name} says that it is shown {header}; {looked} in the picture as shown, "
            "or write an upright video first (`dnt data convert`) and do it in that"
        )
    how = "is upside down" if rolls_apart(usual, 0) > 135 else "lies on its side"
    return (
        f"the head {how} in the picture (turned by {abs(usual):.0f} degrees): turn the video first and "
        f"{looked} in that, unless that is meant"
    )


def counted(frames: np.ndarray, what: str, n_frames: int) -> str:
    r"""Words on frames that are marked: how many, the first one, and what they have; "" for none."""
    if not len(frames):
        return ""
    verb = "has" if len(frames) == 1 else "have"
    return f"{len(frames)} of {n_frames} frames {verb} {what}, first frame {frames[0]}: confidence 0"
