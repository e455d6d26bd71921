r"""Thin-plate splines in the plane: the smoothest map that passes through given values at given points."""

from __future__ import annotations

import numpy as np

from dnt_core.cache.kernels import kernel


@kernel(fastmath=True)
def _kernel(points, centres):
    r"""(M, 2), (N, 2) → (M, N): r² log r of every pair."""
    out = np.empty((len(points), len(centres)))
    for i in range(len(points)):
        for j in range(len(centres)):
            squared = (points[i, 0] - centres[j, 0]) ** 2 + (points[i, 1] - centres[j, 1]) ** 2
            out[i, j] = 0.5 * squared * np.log(max(squared, 1e-12))
    return out


class ThinPlateSpline:
    r"""f: R² → R^D with f(centres) = values and the least bending energy.

    Args:
        centres: (N, 2) distinct points.
        values: (N, D) what f takes there.
        stiffness: 0 passes exactly through the values; larger is smoother and passes by.

    The solve costs O((N+3)³) once; the evaluation of M points O(M·N).
    """

    def __init__(self, centres: np.ndarray, values: np.ndarray, stiffness: float = 0.0):
        self.centres = np.ascontiguousarray(centres, dtype=np.float64)
        values = np.asarray(values, dtype=np.float64)
        n = len(self.centres)
        if values.shape[0] != n:
            raise ValueError(f"thin-plate spline: {n} centres but {values.shape[0]} values")
        system = np.zeros((n + 3, n + 3))
        system[:n, :n] = _kernel(self.centres, self.centres) + stiffness * np.eye(n)
        system[:n, n:] = np.hstack([np.ones((n, 1)), self.centres])
        system[n:, :n] = system[:n, n:].T
        right = np.zeros((n + 3, values.shape[1]))
        right[:n] = values
        self.coefficients = np.linalg.solve(system, right)  # (N + 3, D)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        r"""Values at ``points`` (M, 2) → (M, D)."""
        points = np.ascontiguousarray(points, dtype=np.float64)
        kernel = _kernel(points, self.centres)
        affine = np.hstack([np.ones((len(points), 1)), points])
        return kernel @ self.coefficients[:-3] + affine @ self.coefficients[-3:]
