r"""Triangles for the flat domain: evenly spread points between the outer boundary and the mouth hole."""

from __future__ import annotations

from functools import cache

import numpy as np

from dnt_core.cache.built_once import built_once

from . import flat_domain
from .plane_distance import inside


def _hexagonal_grid(spacing: float, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    r"""(N, 2) points ``spacing`` cm apart in the box from ``low`` to ``high``, symmetric about s = 0."""
    rows = np.arange(low[1], high[1], spacing * np.sqrt(3) / 2)
    columns = np.arange(0.0, high[0], spacing)
    columns = np.concatenate([-columns[:0:-1], columns])
    shift = (0.0, 0.5 * spacing)
    return np.concatenate(
        [np.stack([columns + shift[i % 2], np.full(len(columns), y)], 1) for i, y in enumerate(rows)]
    )


def _points(spacing: float) -> tuple[np.ndarray, int, int]:
    r"""(V, 2) points about ``spacing`` cm apart: outer ring, mouth loop, landmarks, grid; both ring sizes."""
    from scipy.spatial import cKDTree

    outer_polygon, hole_polygon = flat_domain.outer_boundary(), flat_domain.mouth_hole()

    def ring(polygon: np.ndarray) -> np.ndarray:
        length = np.linalg.norm(np.diff(np.vstack([polygon, polygon[:1]]), axis=0), axis=1).sum()
        return flat_domain.resample_closed(polygon, max(24, round(length / spacing)))

    outer, hole = ring(outer_polygon), ring(hole_polygon)
    landmarks = flat_domain.landmarks_flat()
    inner_lip = landmarks[60:68]
    _, nearest = cKDTree(hole).query(inner_lip)
    hole[nearest] = inner_lip  # the loop's points nearest the inner-lip landmarks become them
    fixed = np.vstack([outer, hole, landmarks[:60]])
    grid = _hexagonal_grid(spacing, outer.min(0), outer.max(0))
    grid = grid[inside(grid, outer_polygon) & ~inside(grid, hole_polygon)]
    grid = grid[cKDTree(fixed).query(grid)[0] > 0.62 * spacing]
    return np.vstack([fixed, grid]), len(outer), len(hole)


@cache
def triangulate(n_vertices: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""A triangulated annulus with about ``n_vertices`` vertices (within 2 %).

    Returns:
        flat points (V, 2), triangles (F, 3) counter-clockwise seen from outside, landmark indices (68,).
        V − E + F = 0.

    Raises:
        ValueError: fewer than 400 vertices cannot carry the landmarks.
    """
    if n_vertices < 400:
        raise ValueError(
            f"the procedural face needs at least 400 vertices for its landmarks, got {n_vertices}"
        )
    built = annulus_arrays(n_vertices)
    return built["flat"], built["triangles"].astype(np.int64), built["landmarks"]


@built_once("face3d/procedural")
def annulus_arrays(n_vertices: int) -> dict[str, np.ndarray]:
    r"""What :func:`triangulate` gives, as arrays by name: flat, triangles, landmarks."""
    from scipy.spatial import Delaunay, cKDTree

    low, high = 0.02, 3.0
    for _ in range(24):
        spacing = np.sqrt(low * high)
        points, n_outer, n_hole = _points(spacing)
        if abs(len(points) - n_vertices) <= max(2, 0.0005 * n_vertices):
            break
        low, high = (spacing, high) if len(points) > n_vertices else (low, spacing)
    triangles = Delaunay(points).simplices
    loop = np.arange(n_outer, n_outer + n_hole)
    centroids = points[triangles].mean(1)
    keep = inside(centroids, points[:n_outer]) & ~inside(centroids, points[loop])
    corners = points[triangles]
    edge_a, edge_b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = edge_a[:, 0] * edge_b[:, 1] - edge_a[:, 1] * edge_b[:, 0]
    triangles[area < 0] = triangles[area < 0][:, ::-1]
    triangles = triangles[keep & (np.abs(area) > 1e-9)]
    inner_lip = loop[cKDTree(points[loop]).query(flat_domain.landmarks_flat()[60:68])[1]]
    landmarks = np.concatenate([np.arange(60) + n_outer + n_hole, inner_lip])
    return {"flat": points, "triangles": triangles.astype(np.int32), "landmarks": landmarks}
