r"""Texture of a clip and light of each frame, by linear least squares in turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from dnt_core.face3d.illumination import BAND_0_LIGHT, spherical_harmonics
from dnt_core.tracking.surface_points import SurfacePoints

COLOR_NOISE = 0.05  # of full colour: how far a pixel is from the model's, typically
LIGHT_SPREAD = 0.3  # standard deviation of a light coefficient beforehand
INDEPENDENT = 0.15  # share of the surface's points that are wrong independently of their neighbours
ROUNDS = 4


@dataclass(frozen=True)
class Appearance:
    r"""texture: (80,) delta. illumination: (T, 27) gamma. error: (T,) root mean square colour difference."""

    texture: np.ndarray
    illumination: np.ndarray
    error: np.ndarray


def fit_appearance(
    points: SurfacePoints,
    colors: np.ndarray,
    normals: np.ndarray,
    weight: np.ndarray,
    texture: np.ndarray | None = None,
) -> Appearance:
    r"""The most probable texture and light under colour = (mean + texture delta) x (Y (gamma + 0.8 on band
    0)).

    Args:
        points: M points of the surface.
        colors: (T, M, 3) RGB in [0, 1], as seen.
        normals: (T, M, 3) posed.
        weight: (T, M) in [0, 1]; 0 where a point is not seen.
        texture: (80,) delta that is known already; None fits it.
    """
    harmonics = spherical_harmonics(torch.from_numpy(normals)).numpy()  # (T, M, 9)
    delta = np.zeros(points.texture.shape[-1]) if texture is None else texture
    trust = weight.copy()
    for number in range(ROUNDS if texture is None else 2):
        albedo = points.color + points.texture @ delta
        gamma = _light(harmonics, albedo, colors, trust)
        shading = np.einsum("tmb,tcb->tmc", harmonics, gamma, optimize=True)
        if texture is None and number < ROUNDS - 1:
            delta = _texture(points, shading, colors, trust)
            albedo = points.color + points.texture @ delta
        off = np.linalg.norm(albedo * shading - colors, axis=-1)
        trust = weight / (1 + (off / (3 * COLOR_NOISE)) ** 2)
    count = np.maximum(weight.sum(axis=1), 1e-9)
    error = np.sqrt((off**2 * weight).sum(axis=1) / count / 3)
    gamma[..., 0] -= BAND_0_LIGHT
    return Appearance(delta, gamma.reshape(len(colors), 27), error)


def _light(harmonics: np.ndarray, albedo: np.ndarray, colors: np.ndarray, trust: np.ndarray) -> np.ndarray:
    r"""(T, 3, 9): gamma with the constant light added, nine unknowns per frame and colour."""
    before = np.zeros(9)
    before[0] = BAND_0_LIGHT
    prior = (COLOR_NOISE / LIGHT_SPREAD) ** 2 * np.eye(9)
    found = []
    for c in range(3):
        design = harmonics * albedo[:, c, None]
        weighted = design * trust[..., None]
        normal = weighted.transpose(0, 2, 1) @ design + prior
        right = (weighted.transpose(0, 2, 1) @ colors[..., c, None])[..., 0] + prior @ before
        found.append(np.linalg.solve(normal, right[..., None])[..., 0])
    return np.stack(found, axis=1)


def _texture(points: SurfacePoints, shading: np.ndarray, colors: np.ndarray, trust: np.ndarray) -> np.ndarray:
    r"""(80,): all frames and points together. What the model cannot show is wrong in every frame alike and at
    neighbouring points together, so the frames count as one, and its points as ``INDEPENDENT`` of them."""
    trust = trust * INDEPENDENT / max(1, (trust.sum(axis=1) > 0).sum())
    square = (trust[..., None] * shading**2).sum(axis=0)  # (M, 3)
    off = (trust[..., None] * shading * (colors - shading * points.color)).sum(axis=0)
    flat = points.texture.reshape(-1, points.texture.shape[-1])
    normal = flat.T @ (flat * square.reshape(-1, 1)) / COLOR_NOISE**2 + np.eye(flat.shape[1])
    return np.linalg.solve(normal, flat.T @ off.reshape(-1) / COLOR_NOISE**2)
