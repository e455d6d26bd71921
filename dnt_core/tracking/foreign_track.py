r"""What another tool found in a video, in the words of this package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dnt_core.clips.picture_folder import in_words_and_numbers
from dnt_core.face3d.parameters import N_PARAMETERS, STORAGE_COLUMNS


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
        landmarks_in: "crop" or "frame": px of the moving crop, or of the video's frame; "shares": of the
            frame's width and height, from 0 to 1; "unit": of the moving crop, from -1 to 1.
        alignment: (T, 3) scale and centre (y up) of the crops, for a frame size that the tool does not keep.
        rows: (T,) the video's frame of each row, counted from 0; None: 0, 1, 2 …
        numbers: (T,) rising numbers of the files, where it is not known yet which one is the video's first
            frame, see :func:`numbered`.
        confidence: (T,) in [0, 1], where the tool gives one.
        size: width and height px of the frames that landmarks in "frame" were found in, where the files say
            it.
        note: what the tool does not keep or had to be assumed, in a sentence, or "".
    """

    source: str
    face_model: str = ""
    parameters: np.ndarray | None = None
    camera: str = "crop"
    landmarks: np.ndarray | None = None
    landmarks_in: str = "frame"
    alignment: np.ndarray | None = None
    rows: np.ndarray | None = None
    numbers: np.ndarray | None = None
    confidence: np.ndarray | None = None
    size: tuple[int, int] | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.parameters is None and self.landmarks is None:
            raise TrackError(f"{self.source}: neither parameters nor landmarks")

    def __len__(self) -> int:
        return len(self.landmarks if self.parameters is None else self.parameters)


def vectors(path: object, **parts: np.ndarray) -> np.ndarray:
    r"""(T, 257) in storage order from the parts a tool keeps; parts that are left out are zero. Rows that are
    not finite, as some tools leave for frames without a face, stay as they are.

    Args:
        path: for messages.
        parts: identity (T, 80), expression (T, 64), texture (T, 80), angles (T, 3), illumination (T, 27),
            translation (T, 3); one row stands for all frames.

    Raises:
        TrackError: another number of columns, different numbers of rows, or no row that is finite.
    """
    count = max(len(part) for part in parts.values())
    made = np.zeros((count, N_PARAMETERS), np.float32)
    for name, part in parts.items():
        place = made[:, STORAGE_COLUMNS[name]]
        part = np.asarray(part)
        if part.dtype.kind not in "fiu" or part.ndim != 2 or part.shape[1] != place.shape[1]:
            kind = "" if part.dtype.kind in "fiu" else f" of {part.dtype}"
            raise TrackError(
                f"{path}: {name} has shape {part.shape}{kind}, "
                f"expected (frames, {place.shape[1]}) real numbers"
            )
        if len(part) not in (1, count):
            raise TrackError(f"{path}: {name} has {len(part)} rows, other parts {count}")
        place[:] = part
    if not np.isfinite(made).all(axis=1).any():
        raise TrackError(f"{path}: no row has finite numbers in all its parts")
    return made


def numbered(track: ForeignTrack, n_frames: int, beside: ForeignTrack | None = None) -> ForeignTrack:
    r"""Gives the rows of numbered files their frames: numbers count from 0 or from 1, as different tools do.

    Args:
        track: whose ``numbers`` become ``rows``; without numbers it is returned as it is.
        n_frames: of the video.
        beside: numbered files of the same frames, such as detections, which may say what these do not.
    """
    if track.numbers is None:
        return track
    low, high = int(track.numbers[0]), int(track.numbers[-1])
    if high - low == len(track) - 1 and (low < 2 or high < n_frames - 1 or len(track) == n_frames):
        return replace(track, numbers=None)  # all there are: if too few, then of another video, perhaps
    first = _first_number(track.numbers, n_frames)
    if first is None and beside is not None and beside.numbers is not None:
        first = _first_number(beside.numbers, n_frames)
    note = track.note
    if first is None:  # neither the first nor the last frame tells: the end that then is whole
        first = int(low < 2 or high < n_frames - 1)
        said = f"the files' numbers, {low} to {high}, are taken to count from {first}"
        note = "; ".join(filter(None, (note, said)))
    return replace(track, rows=track.numbers - first, numbers=None, note=note)


def _first_number(numbers: np.ndarray, n_frames: int) -> int | None:
    r"""The number of the video's first frame; None: it may be 0 or 1."""
    if numbers[0] == 0 or numbers[-1] < 1:
        return 0
    return 1 if numbers[-1] >= n_frames else None


def plain_rows(value: np.ndarray, *shape: int) -> np.ndarray:
    r"""An array with further axes of length 1 → (T, \*shape); another array is returned as it is.

    Args:
        value: such as (1, T, 257), (T, 1, 257) or (257,) for the shape 257.
        shape: of one frame.

    Examples:
        >>> plain_rows(np.zeros((1, 5, 257)), 257).shape, plain_rows(np.zeros((80, 1)), 80).shape
        ((5, 257), (1, 80))
    """
    value = np.asarray(value)
    squeezed = tuple(size for size in value.shape if size != 1)
    one = tuple(size for size in shape if size != 1)
    if squeezed == one:
        return value.reshape(1, *shape)
    if squeezed[1:] == one:
        return value.reshape(squeezed[0], *shape)
    return value


def frame_numbers(files: Sequence[Path]) -> tuple[list[Path], np.ndarray | None]:
    r"""Files of one frame each, in the order of the numbers in their names, and those numbers where all have
    one: the last that is another one in every name, as the 12 of ``frame_12_lm68.txt``.

    Raises:
        TrackError: two files are of one frame, by the last number but one.
    """
    found = [re.findall(r"\d+", path.stem) for path in files]
    for place in range(1, min(map(len, found), default=0) + 1):
        numbers = np.array([int(digits[-place]) for digits in found])
        if len(set(numbers.tolist())) == len(numbers):
            order = np.argsort(numbers, kind="stable")
            return [files[i] for i in order], numbers[order]
    of_frame: dict[str, Path] = {}
    if len({tuple(digits[-2:]) for digits in found if len(digits) > 1}) == len(files):
        for digits, file in zip(found, files, strict=True):  # EMOCA's 000005_000 and 000005_001
            if (other := of_frame.setdefault(digits[-2], file)) != file:
                raise TrackError(
                    f"{other} and {file.name} are of one frame, of two faces: give the files of one of them"
                )
    return sorted(files, key=in_words_and_numbers), None


def expand(paths: Sequence[Path], suffixes: tuple[str, ...], signs: tuple[str, ...] = ()) -> list[Path]:
    r"""Files as they are, folders as the files with one of the endings in them.

    Args:
        paths: files and folders.
        suffixes: the endings.
        signs: words; where names in a folder have one, those files alone are meant.

    Raises:
        FileNotFoundError: a path is not there.
        TrackError: a folder without such a file, or with several folders of them.
    """
    made: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = files_in(path, suffixes)
            if not inside:
                raise TrackError(f"{path}: no {' or '.join(suffixes)} file in this folder")
            meant = [p for p in inside if any(sign in p.stem.lower() for sign in signs)]
            made += meant or inside
        elif path.exists():
            made.append(path)
        else:
            raise FileNotFoundError(f"{path}: no such file or folder")
    return made


def code_folders(paths: Sequence[Path]) -> list[Path]:
    r"""Folders with EMOCA's ``exp.npy`` and ``pose.npy``: those given, those below one that is given, or
    those of files that are; [] where there is none."""
    made: list[Path] = []
    for path in map(Path, paths):
        places = sorted(p.parent for p in path.rglob("exp.npy")) if path.is_dir() else [path.parent]
        made += [p for p in places if (p / "exp.npy").is_file() and (p / "pose.npy").is_file()]
    return list(dict.fromkeys(made))


def files_in(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    r"""Files with one of the endings in a folder, else in the one folder below it that holds some, else one
    each of many folders (DECA writes one per frame). Hidden files (``._001.mat``) are none.

    Raises:
        TrackError: several folders below hold several each.
    """

    def wanted(path: Path) -> bool:
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        return path.suffix.lower() in suffixes and not hidden and path.is_file()

    if here := sorted(filter(wanted, folder.iterdir())):
        return here
    below: dict[Path, list[Path]] = {}
    for path in sorted(filter(wanted, folder.rglob("*"))):
        below.setdefault(path.parent, []).append(path)
    if len(below) > 1 and any(len(files) > 1 for files in below.values()):
        first, second = list(below)[:2]
        raise TrackError(
            f"{folder}: {len(below)} folders below it hold {' or '.join(suffixes)} files, such as {first} "
            f"and {second}; name the one of this video, or the files of its frames ({first.parent}/*/"
            f"{below[first][0].name.replace(first.name, '*')})"
        )
    return [path for files in below.values() for path in files]
