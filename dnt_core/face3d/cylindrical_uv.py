r"""Texture coordinates for a face that comes without any: unroll a cylinder about the vertical axis."""

from __future__ import annotations

import numpy as np


def cylindrical_uv(vertices: np.ndarray, axis_depth: float | None = None, margin: float = 0.02) -> np.ndarray:
    r"""u is the angle about a vertical axis inside the head, v the height; both stretched to fill [0, 1].

    Args:
        vertices: (V, 3), x to image right, y up, z towards the camera.
        axis_depth: z of the axis, at x = 0; default: the face's rearmost z, which keeps the sides apart.
        margin: empty share at every edge of the texture.

    Returns:
        (V, 2) float32, v up. Surfaces that the axis sees twice (nostrils, inner lips, behind the ears)
        overlap.
    """
    vertices = np.asarray(vertices, dtype=np.float64)
    depth = vertices[:, 2].min() if axis_depth is None else axis_depth
    angle = np.arctan2(vertices[:, 0], vertices[:, 2] - depth)
    uv = np.stack([angle, vertices[:, 1]], axis=-1)
    low, extent = uv.min(axis=0), np.ptp(uv, axis=0)
    return (margin + (1 - 2 * margin) * (uv - low) / extent).astype(np.float32)


def flipped_share(uv: np.ndarray, triangles: np.ndarray) -> float:
    r"""The share of triangles that turn the other way than most in texture space; 0 is a clean unfolding."""
    a, b, c = (np.asarray(uv, dtype=np.float64)[triangles[:, corner]] for corner in range(3))
    (ab_u, ab_v), (ac_u, ac_v) = (b - a).T, (c - a).T
    area = ab_u * ac_v - ab_v * ac_u
    return float(min((area > 0).mean(), (area < 0).mean()))
