r"""Thin-plate splines in the plane: the smoothest map that passes through given values at given points."""

from __future__ import annotations

import numpy as np


def _kernel(squared: np.ndarray) -> np.ndarray:
    return 0.5 * squared * np.log(np.maximum(squared, 1e-12))  # r² log r


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2.0 * a @ b.T, 0.0)


class ThinPlateSpline:
    r"""f: R² → R^D with f(centres) = values and the least bending energy.

    Args:
        centres: (N, 2) distinct points.
        values: (N, D) what f takes there.
        stiffness: 0 passes exactly through the values; larger is smoother and passes by.

    The solve costs O((N+3)³) once; the evaluation of M points O(M·N).
    """

    def __init__(self, centres: np.ndarray, values: np.ndarray, stiffness: float = 0.0):
        self.centres = np.asarray(centres, dtype=np.float64)
        values = np.asarray(values, dtype=np.float64)
        n = len(self.centres)
        if values.shape[0] != n:
            raise ValueError(f"thin-plate spline: {n} centres but {values.shape[0]} values")
        system = np.zeros((n + 3, n + 3))
        system[:n, :n] = _kernel(_squared_distances(self.centres, self.centres)) + stiffness * np.eye(n)
        system[:n, n:] = np.hstack([np.ones((n, 1)), self.centres])
        system[n:, :n] = system[:n, n:].T
        right = np.zeros((n + 3, values.shape[1]))
        right[:n] = values
        self.coefficients = np.linalg.solve(system, right)  # (N + 3, D)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        r"""Values at ``points`` (M, 2) → (M, D)."""
        points = np.asarray(points, dtype=np.float64)
        kernel = _kernel(_squared_distances(points, self.centres))
        affine = np.hstack([np.ones((len(points), 1)), points])
        return kernel @ self.coefficients[:-3] + affine @ self.coefficients[-3:]
