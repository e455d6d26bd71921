r"""The formats that ``dnt track --import`` reads, by name.

A further tool is one entry here and one function that takes its files and returns a
:class:`~dnt_core.tracking.foreign_track.ForeignTrack`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dnt_core.paths import user_path
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError, code_folders, expand
from dnt_core.tracking.landmark_files import LANDMARK_FILES
from dnt_core.tracking.wm3dr_track import CELL_NAMES, VECTOR_NAMES


@dataclass(frozen=True)
class TrackFormat:
    r"""One tool's files.

    Args:
        name: what ``--format`` calls it.
        title: in words.
        suffixes: endings of its files; a folder given stands for those in it (and, where names in it have
            one of ``signs``, for those alone).
        reader: ``"module:function"``.
        signs: words of which one stands in the file's name, where the ending alone does not tell.
        keys: names that its ``.mat``, ``.npz`` or dictionary holds.
        width: numbers per row, where its ``.npy`` may be a plain table.
        folders: finds the folders of one frame each among what is given, where the tool writes such.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    reader: str
    signs: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    width: int = 0
    folders: Callable[[Sequence[Path]], list[Path]] | None = None

    def read(self, paths: Sequence[Path]) -> ForeignTrack:
        r"""The track that this tool's files hold.

        Args:
            paths: the files, or a folder of them.
        """
        module, _, function = self.reader.partition(":")
        found = self.folders(paths) if self.folders else []
        found = found or expand(paths, self.suffixes, self.signs)
        return getattr(importlib.import_module(module), function)(found)


_ROOM = "dnt_core.tracking"
FORMATS: dict[str, TrackFormat] = {
    f.name: f
    for f in (
        TrackFormat(
            "deep3d",
            "Deep3DFaceRecon, one .mat per frame",
            (".mat",),
            f"{_ROOM}.deep3d:read_deep3d",
            keys=("id", "exp", "angle", "trans"),
        ),
        TrackFormat(
            "sadtalker",
            "SadTalker's .mat of a clip",
            (".mat",),
            f"{_ROOM}.deep3d:read_sadtalker",
            keys=("coeff_3dmm",),
        ),
        TrackFormat(
            "geneface",
            "GeneFace's vid_coeff.npy",
            (".npy",),
            f"{_ROOM}.geneface:read_geneface",
            ("vid_coeff",),
            ("coeff",),
            257,
        ),
        TrackFormat(
            "geneface++",
            "GeneFace++'s coeff_fit_mp.npy",
            (".npy",),
            f"{_ROOM}.geneface:read_geneface_plus",
            ("coeff_fit",),
            ("euler",),
        ),
        TrackFormat(
            "wm3dr",
            "WM3DR's numbers and cells",
            (".npz", ".npy"),
            f"{_ROOM}.wm3dr_track:read_wm3dr",
            ("wm3dr",),
            (),
            258,
        ),
        TrackFormat(
            "adnerf",
            "AD-NeRF's and ER-NeRF's track_params.pt",
            (".pt",),
            f"{_ROOM}.landmark_files:read_adnerf",
            ("track_params",),
        ),
        TrackFormat(
            "deca",
            "DECA's and EMOCA's codes or landmarks",
            (".mat", ".npz", ".npy", ".pkl"),
            f"{_ROOM}.deca:read_deca",
            ("deca", "emoca"),
            ("landmarks2d", "cam"),
            folders=code_folders,
        ),
        TrackFormat(
            "landmarks",
            "68 landmarks: OpenFace's CSV, .npy, .npz, .pkl, .json, .lms, .txt",
            LANDMARK_FILES,
            f"{_ROOM}.landmark_files:read_landmarks",
            ("landmark", "lm68", "lms", "kpt", "openface"),
            ("landmarks",),
        ),
    )
}


def read_track(
    paths: str | os.PathLike | Sequence[str | os.PathLike], name: str | None = None
) -> ForeignTrack:
    r"""Another tool's track of one clip.

    Args:
        paths: its file, its files, or their folder.
        name: of the format; None: what the files look like.

    Raises:
        TrackError, ValueError: files that are no such track, or that look like none; one sentence.
        FileNotFoundError: a path is not there.
    """
    paths = [paths] if isinstance(paths, str | os.PathLike) else paths
    paths = [user_path(path) for path in paths]
    if not paths:
        raise TrackError("no file given; expected another tool's track")
    if name is not None:
        if name not in FORMATS:
            raise TrackError(f"there is no format {name!r}; expected one of {', '.join(FORMATS)}")
        return FORMATS[name].read(paths)
    return FORMATS[detect(paths)].read(paths)


def detect(paths: Sequence[Path]) -> str:
    r"""Name of the format that files look like: by their ending, their names, and the keys inside.

    Raises:
        TrackError: like none, or like several.
    """
    first = Path(paths[0])
    if not first.exists():
        raise FileNotFoundError(f"{first}: no such file or folder")
    if first.is_dir():
        for known in FORMATS.values():
            if known.folders and known.folders([first]):
                return known.name
        first = _telling(first)
    suffix, stem = first.suffix.lower(), first.stem.lower()
    fitting = [f for f in FORMATS.values() if suffix in f.suffixes]
    if len(fitting) == 1:
        return fitting[0].name
    named = [f for f in fitting if any(sign in stem for sign in f.signs)]
    if len(named) == 1:
        return named[0].name
    keys, width = _inside(first) if suffix in (".mat", ".npz", ".npy", ".pkl") else (set(), 0)
    holding = [f for f in fitting if (width and f.width == width) or (keys and _holds(f, keys))]
    if holding:
        return holding[0].name
    if suffix in (".lms", ".txt", ".pts", ".csv") or (suffix in (".npy", ".npz") and not keys):
        return "landmarks"
    if suffix in (".npz", ".npy", ".pkl") and _has_landmarks(first):
        return "landmarks"
    held = f", holding {', '.join(sorted(map(str, keys)))[:150]}" if keys else ""
    raise TrackError(
        f"{first}{held}: looks like no format that is known ({', '.join(FORMATS)}); name it with --format, "
        "or track the video anew from the tool's 68 landmarks: dnt track VIDEO --landmarks FILE"
    )


def _telling(folder: Path) -> Path:
    r"""The file of a folder that says what it is: one whose name does, else the first of a known ending."""
    known = tuple(dict.fromkeys(suffix for f in FORMATS.values() for suffix in f.suffixes))
    inside = [p for p in folder.rglob("*") if not p.name.startswith(".") and p.suffix.lower() in known]
    own = [sign for f in FORMATS.values() if f.name != "landmarks" for sign in f.signs]
    beside = FORMATS["landmarks"].signs  # a tool's own points, such as DECA's of its crop, are no track

    def says(path: Path) -> tuple:
        suffix, stem = path.suffix.lower(), path.stem.lower()
        named, points = (any(sign in stem for sign in signs) for signs in (own, beside))
        return not named, suffix != ".mat", not points, len(path.parts), known.index(suffix), path

    return min(inside, key=says, default=folder)


def _has_landmarks(path: Path) -> bool:
    from dnt_core.tracking.landmark_files import read_landmarks

    try:
        return read_landmarks([path]) is not None
    except ValueError:
        return False


def _holds(format_: TrackFormat, keys: set[str]) -> bool:
    if format_.name == "deca":
        return bool(keys & set(format_.keys))
    if format_.name == "wm3dr":
        return bool(keys & set(VECTOR_NAMES)) and bool(keys & set(CELL_NAMES))
    return bool(format_.keys) and set(format_.keys) <= keys


def _inside(path: Path) -> tuple[set[str], int]:
    r"""Names of the arrays that a file holds, or, of a plain array, the length of its rows."""
    from dnt_core.face3d.bfm.mat_file import mat_names
    from dnt_core.face3d.restricted_pickle import read_npy, read_pickle

    try:
        if path.suffix.lower() == ".mat":
            return mat_names(path), 0
        if path.suffix.lower() == ".npz":
            with np.load(path, allow_pickle=False) as held:
                return set(held.files), 0
        held = read_pickle(path) if path.suffix.lower() == ".pkl" else read_npy(path)
        held = held[0] if isinstance(held, list) and held and isinstance(held[0], dict) else held
        if isinstance(held, dict | list):
            return (set(held) if isinstance(held, dict) else set()), 0
        return set(), (np.shape(held) or (0,))[-1]
    except Exception as error:  # a damaged file raises almost anything
        if str(path) in str(error):  # a sentence already
            raise
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise TrackError(f"{path}: cannot be read ({said})") from error
