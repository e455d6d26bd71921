r"""Cutting a face out of a larger mesh: one sheet, the vertices it uses, one UV per vertex, 68 landmarks."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import RBFInterpolator
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

SKIN = (0.72, 0.53, 0.45)  # RGB albedo where a model has no colours


def largest_sheet(triangles: np.ndarray, n_vertices: int) -> np.ndarray:
    r"""The triangles of the largest connected component: a head without its eyeballs and teeth."""
    a, b = triangles[:, [0, 1, 2]].reshape(-1), triangles[:, [1, 2, 0]].reshape(-1)
    graph = coo_matrix((np.ones(len(a), bool), (a, b)), shape=(n_vertices, n_vertices))
    label = connected_components(graph, directed=False)[1][triangles[:, 0]]
    return triangles[label == np.bincount(label).argmax()]


def used_vertices(triangles: np.ndarray, n_vertices: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Numbers without gaps for the vertices that triangles use.

    Returns:
        triangles (F, 3) in the new numbers; kept (V,), the old number of each new vertex; new (n_vertices,),
        the new number of each old vertex, -1 for those left out.
    """
    kept = np.unique(triangles)
    new = np.full(n_vertices, -1)
    new[kept] = np.arange(len(kept))
    return new[triangles], kept, new


def uv_without_seams(
    triangles: np.ndarray, uv_triangles: np.ndarray, uv: np.ndarray, n_vertices: int
) -> tuple[np.ndarray, np.ndarray]:
    r"""One texture coordinate per vertex; triangles on the far side of a seam are left out.

    Args:
        triangles: (F, 3) vertex ids.
        uv_triangles: (F, 3) ids into ``uv``, one per corner.
        uv: (U, 2).
        n_vertices: V.

    Returns:
        (V, 2) coordinates, each vertex's most frequent one, and (F,) bool, the triangles whose corners all
        have it.
    """
    corners, coordinates = triangles.reshape(-1), uv_triangles.reshape(-1)
    pairs, counts = np.unique(np.stack([corners, coordinates], -1), axis=0, return_counts=True)
    order = np.lexsort((-counts, pairs[:, 0]))
    vertex, first = np.unique(pairs[order, 0], return_index=True)
    chosen = np.zeros(n_vertices, np.int64)
    chosen[vertex] = pairs[order[first], 1]
    return uv[chosen], (chosen[triangles] == uv_triangles).all(axis=1)


def into_unit_square(uv: np.ndarray) -> np.ndarray:
    r"""Texture coordinates of one tile, moved into [0, 1]; of several tiles, shrunk into it."""
    uv = uv - np.floor(uv.min(axis=0) + 1e-6)
    return np.clip(uv / max(1.0, float(uv.max())), 0, 1).astype(np.float32)


def landmarks_from_named_points(vertices: np.ndarray, named: dict[int, np.ndarray]) -> np.ndarray:
    r"""All 68 landmarks of a mesh on which a few are known: the procedural face's, warped onto those.

    Args:
        vertices: (V, 3) in decimetres.
        named: iBUG number → (3,) position; eight or more, spread over the face.

    Returns:
        (68,) vertex ids, good to a few millimetres where no point was named.

    Raises:
        ValueError: fewer than eight points.
    """
    from dnt_core.face3d.procedural import bases, flat_domain

    if len(named) < 8:
        raise ValueError(f"{len(named)} named landmarks, expected eight or more to place all 68")
    source = bases.mean_position(flat_domain.landmarks_flat())  # (68, 3)
    numbers = sorted(named)
    target = np.array([named[number] for number in numbers], float)
    warp = RBFInterpolator(source[numbers], target, kernel="linear", degree=1)
    return cKDTree(vertices).query(warp(source))[1]
