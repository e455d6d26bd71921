r"""Tracks of GeneFace (``vid_coeff.npy``) and GeneFace++ (``coeff_fit_mp.npy``): pickled dictionaries of
arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dnt_core.face3d.parameters import STORAGE_COLUMNS
from dnt_core.face3d.restricted_pickle import read_npy
from dnt_core.tracking.deep3d import only
from dnt_core.tracking.fixed_crop import CROP_SIZE, alignment_windows
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError, plain_rows, vectors
from dnt_core.tracking.landmark_files import unit_of

ALIGNED = 0.1  # of the crop's side: landmarks in a crop lie as near to where the alignment puts them


def _dictionary(path: Path, keys: tuple[str, ...]) -> dict[str, Any]:
    held = read_npy(path)
    missing = [key for key in keys if not isinstance(held, dict) or key not in held]
    if missing:
        there = ", ".join(map(str, held)) if isinstance(held, dict) else f"an array {np.shape(held)}"
        raise TrackError(f"{path}: no {missing[0]!r}, expected {', '.join(keys)}; it holds {there}")
    return held


def _numbers(path: Path, key: str, value: object) -> np.ndarray:
    try:
        made = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise TrackError(f"{path}: {key} is no array ({error})") from error
    if made.dtype.kind not in "fiu":
        raise TrackError(f"{path}: {key} holds no numbers, but {made.dtype}")
    return made


def read_geneface(paths: Sequence[Path]) -> ForeignTrack:
    r"""GeneFace's ``vid_coeff.npy``: ``coeff`` (T, 257) in storage order of a moving crop, ``lm68`` (T, 68,
    2).

    The landmarks are those that were detected in the frame, in px or in shares of it, so the crops follow
    from them. Where they lie as the alignment puts them into the 224-px crop in every frame, they are taken
    for the reconstruction's, and the crops have to be asked for. A plain array (T, 257) is read likewise,
    without landmarks.

    Raises:
        TrackError, ValueError: more than one file, or one that is none of these. No code of the pickle runs.
    """
    path = only(paths, "vid_coeff.npy")
    held = read_npy(path)
    if not (isinstance(held, np.ndarray) and held.shape[-1:] == (257,)):
        held = _dictionary(path, ("coeff",))
    else:
        held = {"coeff": held}
    numbers = plain_rows(_numbers(path, "coeff", held["coeff"]), 257)
    if numbers.ndim != 2 or numbers.shape[1] != 257:
        raise TrackError(f"{path}: coeff has shape {numbers.shape}, expected (frames, 257)")
    parameters = vectors(path, **{name: numbers[:, place] for name, place in STORAGE_COLUMNS.items()})
    landmarks = held.get("lm68")
    if landmarks is None:
        return ForeignTrack("GeneFace", "bfm2009", parameters, "crop")
    landmarks = _numbers(path, "lm68", landmarks).astype(np.float64)
    if landmarks.size != len(numbers) * 136:
        raise TrackError(f"{path}: lm68 has shape {landmarks.shape}, expected ({len(numbers)}, 68, 2)")
    landmarks = landmarks.reshape(-1, 68, 2).copy()
    landmarks[~landmarks.any(axis=(1, 2))] = np.nan
    seen = landmarks[np.isfinite(landmarks).all((1, 2))]
    if not len(seen):
        raise TrackError(f"{path}: no frame has a face's landmarks")
    off = alignment_windows(seen, CROP_SIZE, CROP_SIZE) / CROP_SIZE - [0, 0, 1]
    where = "crop" if (np.abs(off) < ALIGNED).all() else unit_of(path, landmarks)
    return ForeignTrack("GeneFace", "bfm2009", parameters, "crop", landmarks, where)


def read_geneface_plus(paths: Sequence[Path]) -> ForeignTrack:
    r"""GeneFace++'s ``coeff_fit_mp.npy``: ``id`` (1 or T, 80), ``exp`` (T, 64), ``euler`` and ``trans`` (T,
    3).

    Its camera sees the whole square frame, so no crop is needed. It keeps neither texture nor light: they
    are zero.

    Raises:
        TrackError, ValueError: more than one file, or one that is none of these. No code of the pickle runs.
    """
    path = only(paths, "coeff_fit_mp.npy")
    held = _dictionary(path, ("id", "exp", "euler", "trans"))
    sizes = {"id": 80, "exp": 64, "euler": 3, "trans": 3}
    arrays = {key: plain_rows(_numbers(path, key, held[key]), size) for key, size in sizes.items()}
    parameters = vectors(
        path,
        identity=arrays["id"],
        expression=arrays["exp"],
        angles=arrays["euler"],
        translation=arrays["trans"],
    )
    note = "no texture and no light in it: zero, the mean face's"
    return ForeignTrack("GeneFace++", "bfm2009", parameters, "frame", note=note)
