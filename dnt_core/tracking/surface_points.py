r"""Some vertices of the face's surface, with the normals there: where pixels are compared with the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from dnt_core.face3d import MorphableModel
from dnt_core.face3d.topology import topology

N_POINTS = 3000
NEAR = 0.22  # dm: so near to brows, eyes, nose and lips half of the points are chosen
FACING = 0.3  # cosine between normal and line of sight from which a point is looked at


@dataclass(frozen=True)
class SurfacePoints:
    r"""M points with their shape and colour bases, and the U vertices whose triangles give their normals.

    Attributes:
        mean: (U, 3), the M points first. identity: (U, 3, 80). expression: (U, 3, 64).
        color: (M, 3) mean albedo. texture: (M, 3, 80).
        triangles: (F, 3) ids below U. around: (M, K) triangle ids, F where there are fewer.
        uniform: triangles count alike in a normal, whatever their area.
    """

    mean: np.ndarray
    identity: np.ndarray
    expression: np.ndarray
    color: np.ndarray
    texture: np.ndarray
    triangles: np.ndarray
    around: np.ndarray
    uniform: bool

    @property
    def count(self) -> int:
        r"""M."""
        return len(self.color)

    @classmethod
    def of(cls, model: MorphableModel, count: int = N_POINTS, seed: int = 0) -> SurfacePoints:
        r"""Half of them near brows, eyes, nose and lips, the rest anywhere but at the rim."""
        vertices = model.mean_shape.numpy(force=True)
        triangles = model.triangles.numpy(force=True)
        rim = np.concatenate(topology(triangles).boundary_loops)
        at_rim = np.isin(triangles, rim).any(axis=1)
        inside = np.setdiff1d(np.arange(len(vertices)), triangles[at_rim])
        marks = vertices[model.landmark_indices[17:].numpy(force=True)]
        distance = np.linalg.norm(vertices[inside][:, None] - marks[None], axis=-1).min(axis=1)
        rng = np.random.default_rng(seed)
        near = rng.permutation(inside[distance < NEAR])[: count // 2]
        rest = rng.permutation(np.setdiff1d(inside, near))[: count - len(near)]
        chosen = np.concatenate([near, rest])
        table = model.incident_triangles.numpy(force=True)[chosen]
        used, new_table = np.unique(table, return_inverse=True)
        new_table = new_table.reshape(table.shape)
        padded = used == len(triangles)
        corners = triangles[used[~padded]]
        others = np.setdiff1d(corners, chosen)
        all_vertices = np.concatenate([chosen, others])
        place = np.full(len(vertices), -1)
        place[all_vertices] = np.arange(len(all_vertices))

        def rows(buffer: torch.Tensor, ids: np.ndarray) -> np.ndarray:
            return buffer[torch.from_numpy(ids).to(buffer.device)].double().numpy(force=True)

        return cls(
            vertices[all_vertices].astype(np.float64),
            rows(model.identity_basis, all_vertices),
            rows(model.expression_basis, all_vertices),
            rows(model.mean_color, chosen),
            rows(model.texture_basis, chosen),
            place[corners],
            new_table,
            model.normal_weighting == "uniform",
        )

    def normals(self, posed: np.ndarray) -> np.ndarray:
        r"""(T, U, 3) → (T, M, 3) unit normals at the points."""
        a, b, c = (posed[:, self.triangles[:, k]] for k in range(3))
        faces = np.cross(b - a, c - a)
        if self.uniform:
            faces /= np.maximum(np.linalg.norm(faces, axis=-1, keepdims=True), 1e-20)
        faces = np.concatenate([faces, np.zeros((len(faces), 1, 3))], axis=1)
        total = faces[:, self.around].sum(axis=2)
        return total / np.maximum(np.linalg.norm(total, axis=-1, keepdims=True), 1e-20)


def facing(posed: np.ndarray, normals: np.ndarray, distance: float) -> np.ndarray:
    r"""(T, M) how far each point turns to the camera, 0 where it is not looked at, 1 straight on."""
    sight = np.array([0, 0, distance]) - posed
    cosine = (sight * normals).sum(-1) / np.linalg.norm(sight, axis=-1)
    return np.where(cosine > FACING, cosine, 0)


def sample(pictures: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Colours and their slopes at points of pictures.

    Args:
        pictures: (T, S, S, 3) uint8 RGB.
        at: (T, M, 2) column and row, px.

    Returns:
        (T, M, 3) in [0, 1], slightly blurred; (T, M, 3, 2) change per px to the right and downwards.
    """
    images = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    images = F.pad(images, (1, 1, 1, 1), mode="replicate")
    images = images[..., :-2] + images[..., 1:-1] + images[..., 2:]  # a mean of 3 x 3, faster than pooling
    images = (images[..., :-2, :] + images[..., 1:-1, :] + images[..., 2:, :]) / 9
    right = F.pad((images[..., 2:] - images[..., :-2]) / 2, (1, 1, 0, 0))
    down = F.pad((images[..., 2:, :] - images[..., :-2, :]) / 2, (0, 0, 1, 1))
    size = images.shape[-1]
    grid = torch.from_numpy((2 * at + 1) / size - 1).float()[:, None]  # (T, 1, M, 2)
    stacked = torch.cat([images, right, down], dim=1)
    values = (
        F.grid_sample(stacked, grid, align_corners=False, padding_mode="border")[:, :, 0].double().numpy()
    )
    values = values.transpose(0, 2, 1)  # (T, M, 9)
    return values[..., :3], np.stack([values[..., 3:6], values[..., 6:]], -1)
