r"""Landmarks in what pickles and JSON hold: lists, dictionaries of frames, points with names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

from dnt_core.tracking.foreign_track import TrackError, frame_numbers

SIGNS = ("landmark", "lmk", "lm68", "kpt", "keypoint", "pt2d", "points")  # of what a dictionary calls them
AXIS = "(?<![a-zA-Z]){}(?![a-zA-Z])"  # a letter by itself in a column's name
FRAME_KEYS = ("frame", "frame_id", "frame_number", "frame_index", "frame_idx")
COUNTS = (68, 70, 468, 478)  # iBUG's, OpenPose's with the pupils behind, MediaPipe's


def frames_of(path: Path, held: Any) -> tuple[Any, np.ndarray | None]:
    r"""One entry per frame, and the frames' numbers where a dictionary names them.

    Args:
        path: for messages.
        held: an array, a list of the frames, of which each may say its number, a dictionary that has one of
            these, or one with an entry per frame, such as face_alignment's of a folder:
            ``{"frames/12.png": [points, …]}``, or these under the name "frames".

    Raises:
        TrackError: a dictionary that holds no landmarks, with what it holds.
    """
    if isinstance(held, list) and (numbers := _numbers_of(held)) is not None:
        each, first = np.unique(numbers, return_index=True)
        if len(each) == len(held):
            return [held[i] for i in first], each
        return [[held[i] for i in np.flatnonzero(numbers == number)] for number in each], each  # faces
    if not isinstance(held, dict) or not held:
        return held, None
    if "people" in held:  # OpenPose's, of one frame
        return [held], None
    if (named := _named(held)) is not None:
        return named, None
    if isinstance(frames := held.get("frames"), list | dict):
        return frames_of(path, frames)
    files, numbers = frame_numbers([Path(str(key)) for key in held])
    if numbers is None and len(held) > 1:
        raise TrackError(f"{path}: no landmarks by name in it; it holds {', '.join(map(str, held))[:200]}")
    of_file = {Path(str(key)): value for key, value in held.items()}
    return [of_file[file] for file in files], numbers


def _numbers_of(frames: list) -> np.ndarray | None:
    r"""(N,) numbers that the entries of a list say of their frames; None: not all of them say one."""
    for key in FRAME_KEYS:
        numbers = [frame.get(key) if isinstance(frame, dict) else None for frame in frames]
        if numbers and all(type(number) is int and number >= 0 for number in numbers):
            return np.array(numbers)
    return None


def points_of(path: Path, value: Any) -> Any:
    r"""The points of a frame, of each of its faces, or of each frame, without names: nested lists or arrays.

    Args:
        path: for messages.
        value: points may be ``{"x": …, "y": …}``, and landmarks the entry of a dictionary; of OpenPose's
            people the faces are taken.

    Raises:
        TrackError: a dictionary that holds neither.
    """
    if isinstance(value, dict):
        lower = {str(key).lower(): held for key, held in value.items()}
        if "x" in lower and "y" in lower:
            return np.stack([np.asarray(lower[axis], float) for axis in "xy"], -1)
        if "people" in lower:
            return [_openpose(path, person) for person in lower["people"]]
        if isinstance(faces := lower.get("faces"), list):
            return [points_of(path, face) for face in faces]
        named = _named(value)
        if named is None and not any(sign in key for key in lower for sign in SIGNS):
            raise TrackError(
                f"{path}: no landmarks by name in it; it holds {', '.join(map(str, value))[:200]}"
            )
        return points_of(path, named)
    if isinstance(value, list | tuple) and any(isinstance(part, dict | list | tuple) for part in value):
        return [points_of(path, part) for part in value]
    return value


def numbered_points(column: dict[str, int]) -> dict[str, dict[int, tuple[int, int]]]:
    r"""What points are called, such as ``@_#`` or ``lm_mp_#_@`` → number → columns of its x and its y."""
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for name, x in column.items():
        axes, numbers = re.findall(AXIS.format("x"), name), re.findall(r"\d+", name)
        y = column.get(re.sub(AXIS.format("x"), "y", name))
        if len(axes) == len(numbers) == 1 and y is not None:
            called = re.sub(r"\d+", "#", re.sub(AXIS.format("x"), "@", name))
            found.setdefault(called, {})[int(numbers[0])] = x, y
    return found


def in_order(value: np.ndarray) -> np.ndarray:
    r"""(T, N, 2 or 3) of an array whose three axes come in another order, as 3DDFA's (T, 3, 68) and MATLAB's
    (68, 2, T), or that lacks the axis of frames; others as they are."""
    if value.ndim == 2 and {2, 3} & set(value.shape) and set(COUNTS) & set(value.shape):
        value = value[None]
    if value.ndim != 3:
        return value
    orders = [
        order
        for order in permutations(range(3))
        if value.shape[order[1]] in COUNTS and value.shape[order[2]] in (2, 3)
    ]
    return value.transpose(orders[0]) if len(orders) == 1 else value


def _named(held: dict) -> Any:
    r"""What a dictionary calls landmarks; of several the first that holds anything, None without any."""
    signed = (key for key in held if any(sign in str(key).lower() for sign in SIGNS))
    plain = [key for key in signed if "/" not in str(key) and "\\" not in str(key)]
    two = [key for key in plain if "3d" not in str(key).lower() and "world" not in str(key).lower()]
    return next((held[key] for key in two or plain), None)


def _openpose(path: Path, person: dict) -> np.ndarray:
    r"""(70, 2) of one person; NaN where a point was not found, whose confidence is 0."""
    numbers: Sequence[float] = person.get("face_keypoints_2d") or []
    if len(numbers) != 210:
        raise TrackError(
            f"{path}: {len(numbers)} numbers as face_keypoints_2d, expected 210; run OpenPose with --face"
        )
    points = np.array(numbers, float).reshape(70, 3)
    return np.where(points[:, 2:] > 0, points[:, :2], np.nan)
