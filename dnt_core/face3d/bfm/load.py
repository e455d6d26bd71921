r"""From a Basel file to a :class:`~dnt_core.face3d.MorphableModel`."""

from __future__ import annotations

import os
import warnings
from os import PathLike
from pathlib import Path

import numpy as np

from dnt_core.assets import ASSETS, find_asset
from dnt_core.face3d.bfm import validation
from dnt_core.face3d.bfm.chj_file import read_chj
from dnt_core.face3d.bfm.mat_file import read_mat
from dnt_core.face3d.bfm.uv import SELECT_FILE, UV_FILE, read_uv
from dnt_core.face3d.cylindrical_uv import cylindrical_uv, flipped_share
from dnt_core.face3d.morphable_model import MorphableModel

KEYS = ("meanshape", "meantex", "idBase", "exBase", "texBase", "tri", "keypoints")
OPTIONAL_KEYS = ("point_buf", "tri_mask2", "frontmask2_idx", "skinmask")
N_VERTICES = 35_709
UV_FILES = {UV_FILE: "bfm_uv", SELECT_FILE: "bfm_vertices"}  # file → asset


def load_bfm(path: str | PathLike[str], uv_folder: str | PathLike[str] | None = None) -> MorphableModel:
    r"""The Basel Face Model from ``BFM_model_front.mat`` (Deep3DFaceRecon) or a ``.chj`` file (WM3DR).

    Both hold 35,709 vertices in decimetres with bases already multiplied by their standard deviations. The
    .mat counts vertices from 1 and colours to 255, the .chj from 0 and to 1. The mean vertex is subtracted
    from the mean shape. Neither file has texture coordinates: they come from ``BFM_UV.mat`` (3DMMasSTN) and
    ``select_vertex_id.mat`` (Deep3DFaceRecon). Without those two a cylinder is unrolled
    instead, with a warning: everything runs, but textures are laid out differently from other work with the
    Basel model, and a few triangles (nostrils, inner lips) overlap others.

    Args:
        path: the .mat or .chj file.
        uv_folder: where the two UV files lie; default: each where ``$DNT_BFM_UV`` and ``$DNT_BFM_VERTICES``
            point, else beside the model, else in an assets folder (:mod:`dnt_core.assets`).

    Normals are weighted as Deep3DFaceRecon's network was trained with ("uniform").

    Raises:
        FileNotFoundError: no such file.
        ValueError: one sentence that names the file, the array and what was expected: missing keys, wrong or
            transposed shapes, indices counting from the wrong number, another unit, a truncated file, UV
            files of another mesh.
    """
    path = Path(path)
    if path.suffix.lower() == ".chj":
        arrays, conventions = read_chj(path), validation.CHJ
    else:
        try:
            arrays, conventions = read_mat(path, KEYS, OPTIONAL_KEYS), validation.MAT
        except ValueError as error:
            if ", shapePC," not in str(error):
                raise
            raise ValueError(
                f"{path} is the Basel model as its owners give it, without expressions; expected "
                "BFM_model_front.mat, which Deep3DFaceRecon's preparation makes of it"
            ) from error
    model_arrays = _interpret(path, arrays, conventions)
    triangles, vertices = model_arrays["triangles"], model_arrays["mean_shape"]
    model_arrays["uv"] = _uv(path, uv_folder, vertices, triangles)
    model = MorphableModel.of_file(path, 2, **model_arrays, name="bfm2009", normal_weighting="uniform")
    if model.n_vertices != N_VERTICES:
        warnings.warn(
            f"{path}: {model.n_vertices} vertices, expected {N_VERTICES} of the full Basel face",
            stacklevel=2,
        )
    return model


def _interpret(
    path: Path, arrays: dict[str, np.ndarray], conventions: validation.Conventions
) -> dict[str, np.ndarray]:
    r"""Raw arrays → the constructor's, in decimetres, [0, 1] and counted from 0."""
    vertices = validation.flat_vertices(path, "meanshape", arrays["meanshape"]).astype(np.float64)
    n, first = len(vertices), conventions.first_index
    validation.decimetres(path, vertices)
    colors = validation.flat_vertices(path, "meantex", arrays["meantex"])
    if len(colors) != n:
        raise ValueError(f"{path}: meantex holds {len(colors)} vertices, meanshape {n}")
    validation.color_range(path, colors, conventions.white)
    bases = {
        kind: validation.basis(path, key, arrays[key], n, kind).astype(np.float32)
        for kind, key in (("identity", "idBase"), ("expression", "exBase"), ("texture", "texBase"))
    }
    triangles = validation.indices(path, "tri", arrays["tri"], 3, first, n, "vertices")
    validation.triangles_cover(path, "tri", triangles, n)
    landmarks = validation.indices(path, "keypoints", arrays["keypoints"], None, first, n, "vertices")
    if "point_buf" in arrays:
        validation.point_buf(path, arrays["point_buf"], triangles, n, first)
    return {
        "mean_shape": (vertices - vertices.mean(axis=0)).astype(np.float32),
        "identity_basis": bases["identity"],
        "expression_basis": bases["expression"],
        "mean_color": (colors / conventions.white).astype(np.float32),
        "texture_basis": bases["texture"] / np.float32(conventions.white),
        "triangles": _outwards(path, vertices, triangles),
        "landmark_indices": landmarks,
    }


def _outwards(path: Path, vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    r"""Triangles counter-clockwise seen from the camera's side, turned round if they are not."""
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    if np.cross(b - a, c - a)[:, 2].sum() > 0:
        return triangles
    warnings.warn(f"{path}: triangles are clockwise seen from outside; turned round", stacklevel=4)
    return triangles[:, [0, 2, 1]]


def _uv(
    path: Path, folder: str | PathLike[str] | None, vertices: np.ndarray, triangles: np.ndarray
) -> np.ndarray:
    found = {name: _uv_file(name, key, path.parent, folder) for name, key in UV_FILES.items()}
    missing = [name for name, file in found.items() if file is None]
    if not missing:
        return read_uv(found[UV_FILE], found[SELECT_FILE], triangles, len(vertices))
    uv = cylindrical_uv(vertices)
    variables = " and ".join(f"${ASSETS[UV_FILES[name]].variable}" for name in missing)
    warnings.warn(
        f"{path}: no {' and no '.join(missing)} in {folder or path.parent} ({variables} may name it): "
        f"texture "
        "coordinates are those of an unrolled "
        f"cylinder instead ({flipped_share(uv, triangles):.2%} of the triangles are flipped in it)",
        stacklevel=3,
    )
    return uv


def _uv_file(name: str, key: str, beside: Path, folder: str | PathLike[str] | None) -> Path | None:
    if folder is None and os.environ.get(ASSETS[key].variable):
        return find_asset(key)
    here = Path(folder or beside) / name
    return here if here.is_file() else None if folder else find_asset(key)
