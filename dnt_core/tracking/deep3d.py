r"""Tracks of Deep3DFaceRecon (one ``.mat`` per frame) and of SadTalker (one ``.mat`` per clip)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dnt_core.face3d.bfm.mat_file import read_mat
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError, frame_numbers, vectors
from dnt_core.tracking.plain_mat import read_plain_mat

PARTS = {"id": "identity", "exp": "expression", "tex": "texture", "angle": "angles", "gamma": "illumination",
         "trans": "translation"}  # fmt: skip


def read_deep3d(paths: Sequence[Path]) -> ForeignTrack:
    r"""Deep3DFaceRecon's ``.mat`` files, one per frame: id, exp, tex, angle, gamma, trans and lm68.

    ``lm68`` are the landmarks of the reconstruction, in px of the 224-px crop, rows downwards. The crop
    itself is not
    kept: it follows from the landmarks that were detected in the video (see ``--landmarks``).

    Raises:
        TrackError, ValueError: a file that is none of these; one sentence that names it.
    """
    files, numbers = frame_numbers(paths)
    gathered: dict[str, list[np.ndarray]] = {key: [] for key in (*PARTS, "lm68")}
    for path in files:
        held = read_plain_mat(path) or {}
        if not set(PARTS) <= set(held):
            held = read_mat(path, tuple(PARTS), ("lm68",))
        for key in PARTS:
            gathered[key].append(_row(path, key, held[key]))
        if "lm68" in held:
            gathered["lm68"].append(_landmarks(path, held["lm68"]))
    parameters = vectors(
        files[0].parent, **{name: np.concatenate(gathered[key]) for key, name in PARTS.items()}
    )
    landmarks = np.stack(gathered["lm68"]) if len(gathered["lm68"]) == len(files) else None
    return ForeignTrack(
        "Deep3DFaceRecon", "bfm2009", parameters, "crop", landmarks, "crop", rows=_rows(numbers)
    )


def _rows(numbers: np.ndarray | None) -> np.ndarray | None:
    r"""File numbers that leave gaps → frames from 0; without gaps the files are all frames in order."""
    if numbers is None or (np.diff(numbers) == 1).all():
        return None
    return numbers - min(int(numbers[0]), 1)


def _row(path: Path, key: str, value: np.ndarray) -> np.ndarray:
    value = np.asarray(value)
    if value.ndim != 2 or len(value) != 1:
        raise TrackError(f"{path}: {key} has shape {value.shape}, expected one row: one file per frame")
    return value


def _landmarks(path: Path, value: np.ndarray) -> np.ndarray:
    value = np.asarray(value, np.float64)
    if value.size != 136:
        raise TrackError(f"{path}: lm68 has shape {value.shape}, expected (1, 68, 2)")
    return value.reshape(68, 2)


def read_sadtalker(paths: Sequence[Path]) -> ForeignTrack:
    r"""SadTalker's ``.mat`` of a clip: ``coeff_3dmm`` (T, 73), and ``full_3dmm`` (1, 257) of the first frame.

    Columns: expression 64, angles 3, translation 3, then scale and centre of each frame's crop. Identity,
        texture and
    light are the first frame's; without ``full_3dmm`` they are zero, the mean face.

    Raises:
        TrackError, ValueError: more than one file, or one that is none of these.
    """
    path = only(paths, "SadTalker's .mat")
    held = read_mat(path, ("coeff_3dmm",), ("full_3dmm",))
    coefficients = np.asarray(held["coeff_3dmm"])
    if coefficients.ndim != 2 or coefficients.shape[1] not in (70, 73):
        raise TrackError(f"{path}: coeff_3dmm has shape {coefficients.shape}, expected (frames, 73)")
    parts = {
        "expression": coefficients[:, :64],
        "angles": coefficients[:, 64:67],
        "translation": coefficients[:, 67:70],
    }
    if "full_3dmm" in held:
        full = np.asarray(held["full_3dmm"]).reshape(1, -1)
        if full.shape[1] != 257:
            raise TrackError(f"{path}: full_3dmm has shape {np.shape(held['full_3dmm'])}, expected (1, 257)")
        parts |= {"identity": full[:, :80], "texture": full[:, 144:224], "illumination": full[:, 227:254]}
    alignment = coefficients[:, 70:73].astype(np.float64) if coefficients.shape[1] == 73 else None
    return ForeignTrack("SadTalker", "bfm2009", vectors(path, **parts), "crop", alignment=alignment)


def only(paths: Sequence[Path], what: str) -> Path:
    r"""The one file of a clip.

    Raises:
        TrackError: there are several.
    """
    if len(paths) != 1:
        raise TrackError(f"{len(paths)} files given; {what} holds a whole clip: give one, with its --video")
    return Path(paths[0])
