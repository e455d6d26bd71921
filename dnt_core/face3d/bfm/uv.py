r"""Texture coordinates of the Basel face: 3DMMasSTN's 53,490, of which the front keeps 35,709."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dnt_core.face3d.bfm.mat_file import read_mat
from dnt_core.face3d.bfm.validation import indices
from dnt_core.face3d.cylindrical_uv import flipped_share
from dnt_core.face3d.registry import FACE_MODELS

UV_FILE, SELECT_FILE = FACE_MODELS["bfm2009"].beside
MOST_FLIPPED = 0.01  # of the real mesh, 9 triangles of 70,789 are


def read_uv(uv_path: Path, select_path: Path, triangles: np.ndarray, n_vertices: int) -> np.ndarray:
    r"""``UV[select_id - 1]``: the face's texture coordinates.

    Args:
        uv_path: ``BFM_UV.mat``, key ``UV``, (53490, 2) in [0, 1], v up.
        select_path: ``select_vertex_id.mat``, key ``select_id``, (V, 1), counted from 1.
        triangles: (F, 3) from 0, to see whether the coordinates belong to this mesh.
        n_vertices: V.

    Returns:
        (V, 2) float32.

    Raises:
        ValueError: wrong keys, shapes, range, index base, or coordinates that fold the mesh.
    """
    uv = read_mat(uv_path, ("UV",))["UV"]
    if uv.ndim != 2 or uv.shape[1] != 2:
        hint = ": it is transposed" if uv.ndim == 2 and uv.shape[0] == 2 else ""
        raise ValueError(f"{uv_path}: UV has shape {uv.shape}, expected (53490, 2){hint}")
    if not (np.isfinite(uv).all() and uv.min() >= 0 and uv.max() <= 1):
        raise ValueError(f"{uv_path}: UV ranges from {uv.min():.3g} to {uv.max():.3g}, expected 0 to 1")
    raw = read_mat(select_path, ("select_id",))["select_id"]
    if raw.size != n_vertices:
        raise ValueError(f"{select_path}: select_id has shape {raw.shape}, expected ({n_vertices}, 1)")
    selected = indices(select_path, "select_id", raw, None, 1, len(uv), "vertices")
    flipped = flipped_share(uv[selected], triangles)
    if flipped > MOST_FLIPPED:
        shifted = np.minimum(selected + 1, len(uv) - 1)
        counts_from_0 = flipped_share(uv[shifted], triangles) <= MOST_FLIPPED
        hint = "select_id counts from 0, expected from 1" if counts_from_0 else "they belong to another mesh"
        raise ValueError(
            f"{select_path}: with {uv_path.name} {flipped:.1%} of the triangles are flipped: {hint}"
        )
    return uv[selected].astype(np.float32)
