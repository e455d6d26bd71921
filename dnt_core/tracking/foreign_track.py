r"""What another tool found in a video, in the words of this package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dnt_core.face3d.parameters import N_PARAMETERS


class TrackError(ValueError):
    r"""A track that cannot be read or placed; one sentence that names the file and what was expected."""


@dataclass(frozen=True)
class ForeignTrack:
    r"""One clip's rows, as a tool stored them. Exactly one of ``parameters`` and ``landmarks`` may be
    missing.

    Args:
        source: the tool's name, for the cache.
        face_model: which face model the numbers belong to; "" where only landmarks are used.
        parameters: (T, 257) storage order, or None: the clip is fitted to ``landmarks``.
        camera: what the pose is seen by: "crop" is a 224-px crop that moves with each frame, "frame" the
            whole square frame, "wm3dr" WM3DR's 512-px square around the whole frame.
        landmarks: (T, 68, 2) column and row in px, or None; NaN rows where there was no face.
        landmarks_in: "crop" or "frame": px of the moving crop, or of the video's frame.
        windows: (T, 3) the moving crops in px of the frame, where the tool keeps what they follow from.
        alignment: (T, 3) scale and centre (y up) of the crops, for a frame size that the tool does not keep.
        rows: (T,) the video's frame of each row, counted from 0; None: 0, 1, 2 …
        confidence: (T,) in [0, 1], where the tool gives one.
    """

    source: str
    face_model: str = ""
    parameters: np.ndarray | None = None
    camera: str = "crop"
    landmarks: np.ndarray | None = None
    landmarks_in: str = "frame"
    windows: np.ndarray | None = None
    alignment: np.ndarray | None = None
    rows: np.ndarray | None = None
    confidence: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.parameters is None and self.landmarks is None:
            raise TrackError(f"{self.source}: neither parameters nor landmarks")

    def __len__(self) -> int:
        return len(self.landmarks if self.parameters is None else self.parameters)


def vectors(path: object, **parts: np.ndarray) -> np.ndarray:
    r"""(T, 257) in storage order from the parts a tool keeps; parts that are left out are zero.

    Args:
        path: for messages.
        parts: identity (T, 80), expression (T, 64), texture (T, 80), angles (T, 3), illumination (T, 27),
            translation (T, 3); one row stands for all frames.

    Raises:
        TrackError: another number of columns, different numbers of rows, or numbers that are not finite.
    """
    places = {
        "identity": (0, 80), "expression": (80, 144), "texture": (144, 224), "angles": (224, 227),
        "illumination": (227, 254), "translation": (254, 257),
    }  # fmt: skip
    count = max(len(part) for part in parts.values())
    made = np.zeros((count, N_PARAMETERS), np.float32)
    for name, part in parts.items():
        first, last = places[name]
        part = np.asarray(part)
        if part.dtype.kind not in "fiu" or part.ndim != 2 or part.shape[1] != last - first:
            raise TrackError(f"{path}: {name} has shape {part.shape}, expected (frames, {last - first})")
        if len(part) not in (1, count):
            raise TrackError(f"{path}: {name} has {len(part)} rows, other parts {count}")
        made[:, first:last] = part
    if not np.isfinite(made).all():
        bad = int(np.argmax(~np.isfinite(made).all(axis=1)))
        raise TrackError(f"{path}: numbers that are not finite, first in row {bad}")
    return made


def frame_numbers(files: Sequence[Path]) -> tuple[list[Path], np.ndarray | None]:
    r"""Files of one frame each, in the order of the numbers in their names, and those numbers where all have
    one.
    """
    found = [re.findall(r"\d+", path.stem) for path in files]
    if not all(found):
        return sorted(files), None
    numbers = np.array([int(digits[-1]) for digits in found])
    if len(set(numbers.tolist())) < len(numbers):
        return sorted(files), None
    order = np.argsort(numbers, kind="stable")
    return [files[i] for i in order], numbers[order]


def expand(paths: Sequence[Path], suffixes: tuple[str, ...]) -> list[Path]:
    r"""Files as they are, folders as the files with one of the endings in them.

    Raises:
        FileNotFoundError: a path is not there.
        TrackError: a folder without such a file.
    """
    made: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in suffixes and p.is_file())
            if not inside:
                raise TrackError(f"{path}: no {' or '.join(suffixes)} file in this folder")
            made += inside
        elif path.exists():
            made.append(path)
        else:
            raise FileNotFoundError(f"{path}: no such file or folder")
    return made
