r"""A small annulus with a bump for a nose: everything a MorphableModel needs, in a few hundred vertices."""

from __future__ import annotations

import numpy as np

from dnt_core.face3d.morphable_model import MorphableModel


def toy_arrays(rings: int = 9, segments: int = 24, seed: int = 0) -> dict[str, np.ndarray]:
    r"""Arrays of a shallow dome (radius 0.9 dm) with an elliptic mouth hole; rings * segments vertices."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(segments) / segments
    share = np.linspace(0, 1, rings)[:, None]  # 0 at the mouth, 1 at the rim
    mouth = np.stack([0.25 * np.cos(angle), -0.35 + 0.08 * np.sin(angle)], -1)
    rim = np.stack([0.75 * np.cos(angle), 0.95 * np.sin(angle)], -1)
    xy = (1 - share[..., None]) * mouth + share[..., None] * rim  # (rings, segments, 2)
    xy = xy.reshape(-1, 2)
    z = 0.7 - 0.6 * (xy[:, 0] ** 2 + 0.7 * xy[:, 1] ** 2) + 0.25 * np.exp(-(xy**2).sum(-1) / 0.03)
    mean_shape = np.concatenate([xy, z[:, None]], axis=-1)
    mean_shape -= mean_shape.mean(axis=0)

    ring, segment = np.meshgrid(np.arange(rings - 1), np.arange(segments), indexing="ij")
    inner = (ring * segments + segment).reshape(-1)
    inner_next = (ring * segments + (segment + 1) % segments).reshape(-1)
    outer, outer_next = inner + segments, inner_next + segments
    triangles = np.concatenate(
        [np.stack([inner, outer, outer_next], -1), np.stack([inner, outer_next, inner_next], -1)]
    )

    def smooth_basis(columns: int, scale: float) -> np.ndarray:
        waves = rng.normal(size=(columns, 3, 2)) * 2
        phase = rng.uniform(0, 2 * np.pi, size=(columns, 3))
        field = np.sin(np.einsum("vk,ndk->vdn", xy, waves) + phase.T)
        return scale / np.sqrt(columns) * field

    def lip(points: int) -> np.ndarray:  # from the corner at image left over the upper lip, as iBUG goes
        return np.round(np.linspace(0.5, -0.5, points, endpoint=False) * segments).astype(int) % segments

    outer_lip, inner_lip = lip(12) + segments, lip(8)
    others = np.linspace(2 * segments, rings * segments - 1, 48).astype(int)
    return {
        "mean_shape": mean_shape,
        "identity_basis": smooth_basis(80, 0.05),
        "expression_basis": smooth_basis(64, 0.03),
        "mean_color": np.clip(np.array([0.8, 0.6, 0.5]) + 0.1 * np.sin(4 * mean_shape), 0, 1),
        "texture_basis": smooth_basis(80, 0.05),
        "triangles": triangles,
        "uv": np.clip(0.5 + xy / 2.2, 0, 1),
        "landmark_indices": np.concatenate([others, outer_lip, inner_lip]),
    }


def toy_model(rings: int = 9, segments: int = 24, seed: int = 0, dtype=np.float32) -> MorphableModel:
    arrays = toy_arrays(rings, segments, seed)
    arrays = {k: v.astype(dtype) if v.dtype.kind == "f" else v for k, v in arrays.items()}
    return MorphableModel(**arrays, name="toy")
