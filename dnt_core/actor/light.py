r"""Light as 27 spherical-harmonics numbers, fitted to a key, a fill and an ambient lamp."""

from __future__ import annotations

from functools import cache

import numpy as np

from dnt_core.cache.built_once import built_once

_CODE = ("actor/light.py", "face3d/illumination.py")


@cache
@built_once(*_CODE)
def _fit() -> dict[str, np.ndarray]:
    r"""Normals (800, 3) that a camera sees, zero illumination's shading there, the least-squares inverse."""
    import torch

    from dnt_core.face3d.illumination import spherical_harmonics_shading

    generator = np.random.default_rng(0)
    normals = generator.normal(size=(800, 3))
    normals[:, 2] = np.abs(normals[:, 2])  # a camera sees the front
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    points = torch.from_numpy(normals)[None]

    def shade(gamma: np.ndarray) -> np.ndarray:
        return spherical_harmonics_shading(points, torch.from_numpy(gamma)[None])[0].numpy()

    offset = shade(np.zeros(27))
    columns = np.stack([shade(unit) - offset for unit in np.eye(27)], -1)  # (800, 3, 27)
    return {"normals": normals, "offset": offset, "inverse": np.linalg.pinv(columns.reshape(-1, 27))}


@cache
@built_once(*_CODE)
def _to_polynomial() -> np.ndarray:
    r"""(9, 10): 1, x, y, z, xy, yz, z², xz, x² − y² from the nine bands, and the light at γ = 0."""
    import torch

    from dnt_core.face3d.illumination import BAND_0_LIGHT, spherical_harmonics

    normals = np.random.default_rng(0).normal(size=(60, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    x, y, z = normals.T
    monomials = np.stack([np.ones_like(x), x, y, z, x * y, y * z, z * z, x * z, x * x - y * y], 1)
    bands = spherical_harmonics(torch.from_numpy(normals)).numpy()
    matrix = np.linalg.lstsq(monomials, bands, rcond=None)[0]
    return np.hstack([matrix, matrix[:, :1] * BAND_0_LIGHT])


def light_polynomial(gamma: np.ndarray) -> np.ndarray:
    r"""(27,) γ → (9, 3) float32 coefficients of the light factor as a polynomial of the normal."""
    bands = np.vstack([gamma.reshape(3, 9).T, np.ones((1, 3))])
    return (_to_polynomial() @ bands).astype(np.float32)


def illumination(
    key: np.ndarray,
    key_strength: float,
    fill: np.ndarray,
    fill_strength: float,
    ambient: float,
    warmth: float,
) -> np.ndarray:
    r"""(27,) γ whose shading is nearly ambient + strength · max(0, n · direction) of both lamps.

    Args:
        key, fill: (3,) directions towards the lamps, of any length.
        key_strength, fill_strength, ambient: ≥ 0; 1 in all is a fully lit white.
        warmth: positive tints the key lamp yellow, negative blue.
    """
    normals, offset, inverse = (_fit()[name] for name in ("normals", "offset", "inverse"))
    tint = np.array([1.0 + warmth, 1.0, 1.0 - warmth])
    target = np.full((len(normals), 3), ambient)
    for direction, strength, colour in ((key, key_strength, tint), (fill, fill_strength, np.ones(3))):
        direction = np.asarray(direction, dtype=np.float64) / np.linalg.norm(direction)
        target = target + strength * np.maximum(normals @ direction, 0.0)[:, None] * colour
    return inverse @ (target - offset).reshape(-1)


def clip_light(generator: np.random.Generator, variation: float) -> np.ndarray:
    r"""(27,) γ of one clip: a key lamp from above one side and a weak fill, with a variation ≥ 0 of both."""
    turn, lift, power, warmth = generator.normal(size=4) * variation * np.array([0.22, 0.12, 0.05, 0.03])
    key = np.array([-0.50 + turn, 0.42 + lift, 0.85])
    return illumination(key, 0.60 + power, np.array([0.75, -0.1, 0.65]), 0.20, 0.27, warmth)
