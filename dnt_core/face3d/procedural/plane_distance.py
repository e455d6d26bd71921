r"""Distances in the flat domain, those to curves compiled: a texture has a quarter of a million texels."""

from __future__ import annotations

import numpy as np

from dnt_core.cache.kernels import kernel


@kernel(fastmath=True)
def _to_segments(points, nodes, cumulative):
    n, m = len(points), len(nodes) - 1
    distance, where = np.empty(n), np.empty(n)
    for i in range(n):
        x, y = points[i, 0], points[i, 1]
        best, at = np.inf, 0.0
        for k in range(m):
            ax, ay = nodes[k, 0], nodes[k, 1]
            dx, dy = nodes[k + 1, 0] - ax, nodes[k + 1, 1] - ay
            along = ((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-18)
            along = min(max(along, 0.0), 1.0)
            squared = (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2
            if squared < best:
                best = squared
                at = cumulative[k] + along * (cumulative[k + 1] - cumulative[k])
        distance[i], where[i] = np.sqrt(best), at / cumulative[-1]
    return distance, where


def inside(flat: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    r"""(N,) truth: whether points (N, 2) lie within a closed polygon (M, 2)."""
    from skimage.measure import points_in_poly

    return points_in_poly(flat, polygon)


def distance_to_curve(flat: np.ndarray, curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""(N,) distance in cm of points (N, 2) to an open polyline (M, 2), and (N,) where along it, 0 … 1."""
    curve = np.ascontiguousarray(curve, dtype=np.float64)
    cumulative = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    return _to_segments(np.ascontiguousarray(flat, dtype=np.float64), curve, cumulative)


def signed_distance(flat: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    r"""(N,) distance in cm of points (N, 2) to a closed polygon (M, 2), negative inside."""
    distance, _ = distance_to_curve(flat, np.vstack([polygon, polygon[:1]]))
    return np.where(inside(flat, polygon), -distance, distance)
