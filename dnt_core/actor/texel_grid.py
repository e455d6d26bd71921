r"""The texels of a UV texture as points of the flat domain."""

from __future__ import annotations

from functools import cache

import numpy as np

from dnt_core.face3d.procedural import flat_domain


@cache
def texel_flat(size: int) -> np.ndarray:
    r"""(size·size, 2) flat coordinates in cm of the texel centres, row 0 at the top (v = 1)."""
    at = (np.arange(size) + 0.5) / size
    u, v = np.meshgrid(at, 1.0 - at)
    return flat_domain.uv_to_flat(np.stack([u.ravel(), v.ravel()], 1))


def texels_per_cm(size: int) -> float:
    r"""Texels of a texture of this size along a centimetre of the face."""
    return size / (2.0 * flat_domain.UV_HALF_WIDTH)


def grain(size: int, length: float, seed: int) -> np.ndarray:
    r"""(size, size) smooth noise of unit variance with blobs of ``length`` cm; ``size`` divides 512.

    Drawn at one size, so that a smaller texture shows the same skin.
    """
    from scipy.ndimage import gaussian_filter

    finest = 512
    white = np.random.default_rng(seed).normal(size=(finest, finest))
    noise = gaussian_filter(white, length * texels_per_cm(finest), mode="wrap")
    noise = noise / noise.std()
    step = finest // size
    return noise.reshape(size, step, size, step).mean((1, 3))
