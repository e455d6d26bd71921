r"""The frames that landmarks were found in: the video's as shown, those of a smaller or larger copy, or the
stored ones, whose pixels need not be square.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from dnt_core.clips import VideoInfo
from dnt_core.tracking.fixed_crop import FIVE_POINTS, five_of_68
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError

ALIKE = 0.02  # of a size: rows and columns that a codec pads, or another camera's middle
APART = 0.1  # of log(width : height): people's faces differ by as much
TOO_WIDE = 0.4  # likewise: no face does
OPTION = "--landmarks-size WIDTHxHEIGHT says it"


def in_shown_px(track: ForeignTrack, info: VideoInfo, stated: tuple[int, int] | None = None) -> ForeignTrack:
    r"""Landmarks in px of the video's frame as it is shown.

    Args:
        track: its landmarks in shares of the frame or in px of it; others are returned as they are.
        info: of the video.
        stated: width and height, px, of the frames that the landmarks were found in, by the user; None: what
            the track's files say, else the video's own.

    Raises:
        TrackError: those frames have another shape than the video's; one sentence.
    """
    shown = info.width, info.height
    if track.landmarks is None or track.landmarks_in not in ("frame", "shares"):
        return track
    if track.landmarks_in == "shares":
        landmarks = track.landmarks * shown - 0.5
        note = "; ".join(filter(None, (track.note, _doubts(landmarks, shown, info.path.name))))
        return replace(track, landmarks=landmarks, landmarks_in="frame", note=note)
    size = stated or track.size
    note = ""
    if size is None:
        size, note = _likely(track, info)
    if not _alike(size, shown):
        stored = info.stored_size[::-1]
        if not (_alike_shape(size, shown) or _alike_shape(size, stored)):
            raise TrackError(
                f"{track.source}: its landmarks were found in frames of {size[0]}x{size[1]} px, which is not "
                f"the whole picture of {info.path.name} ({shown[0]}x{shown[1]}); expected the very video "
                "that the tool read"
            )
        scale = np.array(shown) / size
        note = note or (
            f"landmarks found in frames of {size[0]}x{size[1]} px: brought to {info.path.name}'s "
            f"{shown[0]}x{shown[1]}"
        )
        track = replace(track, landmarks=(track.landmarks + 0.5) * scale - 0.5)
    return replace(track, size=shown, note="; ".join(filter(None, (track.note, note))))


def wideness(landmarks: np.ndarray) -> float:
    r"""How many times as wide as usual faces are, by eyes, nose and mouth; the median over the frames.

    Args:
        landmarks: (T, 5, 2) or (T, 68, 2) column and row; NaN where there is no face.
    """
    seen = landmarks[np.isfinite(landmarks).all((1, 2))]
    if not len(seen):
        return 1.0
    five = five_of_68(seen) if seen.shape[1] == 68 else seen
    axes = (np.linalg.pinv(np.concatenate([FIVE_POINTS, np.ones((5, 1))], axis=1)) @ five)[:, :3]
    column, row = np.linalg.norm(axes, axis=1).T
    return float(np.median(column / np.maximum(row, 1e-9)))


def _likely(track: ForeignTrack, info: VideoInfo) -> tuple[tuple[int, int], str]:
    r"""The size of the frames where nothing states it, and a sentence, or ""."""
    shown, stored = (info.width, info.height), info.stored_size[::-1]
    wide = math.log(max(wideness(track.landmarks), 1e-3))
    name = info.path.name
    if not _alike(shown, stored):
        as_stored = math.log(stored[0] / stored[1] * shown[1] / shown[0])  # faces in stored pixels
        nearer = abs(wide) - abs(wide - as_stored)
        pixels = f"the pixels of {name} are not square ({stored[0]}x{stored[1]}, shown {shown[0]}x{shown[1]})"
        if nearer > APART:
            return stored, f"{pixels}, and by the faces' shape the landmarks count stored ones: brought over"
        if nearer > -APART:
            return shown, f"{pixels}: the landmarks are taken as px of the shown picture; {OPTION}"
    doubts = _doubts(track.landmarks, shown, name)
    return shown, doubts and f"{doubts}; if not, {OPTION}"


def _doubts(landmarks: np.ndarray, size: tuple[int, int], name: str) -> str:
    r"""A sentence on faces of an impossible shape, or that lie as those of another copy would; or ""."""
    seen = (landmarks[np.isfinite(landmarks).all((1, 2))] + 0.5) / size
    if not len(seen):
        return ""
    wide, middle, far = wideness(landmarks), np.median(seen, axis=(0, 1)), seen.max((0, 1))
    if abs(math.log(max(wide, 1e-3))) > TOO_WIDE:
        doubt = f"the faces are {wide:.1f} times as wide as faces are, as in frames of another shape than"
    elif (middle < 0.36).all() and (far < 0.6).all():
        doubt = "all faces lie at the upper left, as those found in a smaller copy would, of"
    elif (middle > (0.64, 0.6)).all():
        doubt = "all faces lie at the lower right, as those found in a larger copy would, of"
    else:
        return ""
    return f"{doubt} {name}'s {size[0]}x{size[1]}: see in the picture of the fit whether they lie on the face"


def _alike(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return all(abs(one / other - 1) < ALIKE for one, other in zip(a, b, strict=True))


def _alike_shape(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return abs(a[0] / a[1] * b[1] / b[0] - 1) < ALIKE
