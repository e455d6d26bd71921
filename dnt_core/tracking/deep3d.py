r"""Tracks of Deep3DFaceRecon (one ``.mat`` per frame) and of SadTalker (one ``.mat`` per clip)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dnt_core.face3d.bfm.mat_file import read_mat
from dnt_core.face3d.parameters import STORAGE_COLUMNS
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError, frame_numbers, plain_rows, vectors
from dnt_core.tracking.plain_mat import read_plain_mat

PARTS = {"id": "identity", "exp": "expression", "tex": "texture", "angle": "angles", "gamma": "illumination",
         "trans": "translation"}  # fmt: skip
SIZES = {"id": 80, "exp": 64, "tex": 80, "angle": 3, "gamma": 27, "trans": 3}
NEEDED, KEPT = ("id", "exp", "angle", "trans"), ("tex", "gamma")


def read_deep3d(paths: Sequence[Path]) -> ForeignTrack:
    r"""Deep3DFaceRecon's ``.mat`` files, one per frame: id, exp, angle, trans; tex, gamma, lm68 if kept.

    ``lm68`` are the landmarks of the reconstruction, in px of the 224-px crop, rows downwards. The crop
    itself is not kept: it follows from the landmarks that were detected in the video (see ``--landmarks``).
    One file may hold a whole clip: (T, 80), (T, 64) …

    Raises:
        TrackError, ValueError: a file that is none of these; one sentence that names it.
    """
    files, numbers = frame_numbers(paths)
    gathered: dict[str, list[np.ndarray]] = {key: [] for key in (*PARTS, "lm68")}
    for path in files:
        held = read_plain_mat(path) or {}
        if not set(NEEDED) <= set(held):
            held = read_mat(path, NEEDED, (*KEPT, "lm68"))
        for key in gathered:
            if key in held:
                gathered[key].append(_rows(path, key, held[key], one=len(files) > 1))
    missing = [key for key in KEPT if not gathered[key]]
    for key, values in gathered.items():
        if len(values) not in (0, len(files)):
            raise TrackError(
                f"{files[0].parent}: {len(values)} of {len(files)} files hold {key!r}, others not"
            )
    where = files[0] if len(files) == 1 else files[0].parent
    parameters = vectors(
        where, **{name: np.concatenate(gathered[key]) for key, name in PARTS.items() if gathered[key]}
    )
    return ForeignTrack(
        "Deep3DFaceRecon",
        "bfm2009",
        parameters,
        "crop",
        np.concatenate(gathered["lm68"]) if gathered["lm68"] else None,
        "crop",
        numbers=numbers if len(files) > 1 else None,
        note=f"no {' and no '.join(missing)} in it: zero, the mean face's" if missing else "",
    )


def _rows(path: Path, key: str, value: np.ndarray, one: bool) -> np.ndarray:
    shape = (68, 2) if key == "lm68" else (SIZES[key],)
    rows = np.asarray(value)
    if rows.size == np.prod(shape):  # such as gamma (1, 3, 9), or a column
        rows = rows.reshape(1, *shape)
    rows = plain_rows(rows, *shape)
    if rows.shape[1:] != shape or (one and len(rows) > 1):
        raise TrackError(
            f"{path}: {key} has shape {np.shape(value)}, expected (1, {', '.join(map(str, shape))}): one "
            "file per frame"
        )
    return rows


def read_sadtalker(paths: Sequence[Path]) -> ForeignTrack:
    r"""SadTalker's ``.mat`` of a clip: ``coeff_3dmm`` (T, 73), and ``full_3dmm`` (1, 257) of the first frame.

    Columns: expression 64, angles 3, translation 3, then scale and centre of each frame's crop. Identity,
    texture and light are the first frame's; without ``full_3dmm`` they are zero, the mean face.

    Raises:
        TrackError, ValueError: more than one file, or one that is none of these.
    """
    path = only(paths, "SadTalker's .mat")
    held = read_mat(path, ("coeff_3dmm",), ("full_3dmm",))
    coefficients = np.asarray(held["coeff_3dmm"])
    for columns in (73, 70):
        coefficients = plain_rows(coefficients, columns)
    if coefficients.ndim != 2 or coefficients.shape[1] not in (70, 73):
        raise TrackError(f"{path}: coeff_3dmm has shape {coefficients.shape}, expected (frames, 73)")
    parts = {
        "expression": coefficients[:, :64],
        "angles": coefficients[:, 64:67],
        "translation": coefficients[:, 67:70],
    }
    if "full_3dmm" in held:
        full = plain_rows(held["full_3dmm"], 257)
        if full.ndim != 2 or full.shape[1] != 257:
            raise TrackError(f"{path}: full_3dmm has shape {np.shape(held['full_3dmm'])}, expected (1, 257)")
        first_frame = ("identity", "texture", "illumination")
        parts |= {name: full[:, STORAGE_COLUMNS[name]] for name in first_frame}
    alignment = coefficients[:, 70:73].astype(np.float64) if coefficients.shape[1] == 73 else None
    note = (
        "" if "full_3dmm" in held else "no full_3dmm in it: identity, texture and light are the mean face's"
    )
    return ForeignTrack(
        "SadTalker", "bfm2009", vectors(path, **parts), "crop", alignment=alignment, note=note
    )


def only(paths: Sequence[Path], what: str) -> Path:
    r"""The one file of a clip.

    Raises:
        TrackError: there are several.
    """
    if len(paths) != 1:
        raise TrackError(f"{len(paths)} files given; {what} holds a whole clip: give one, with its --video")
    return Path(paths[0])
