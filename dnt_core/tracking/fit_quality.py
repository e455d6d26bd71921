r"""How near a fitted clip is to the truth, where the truth is known: lips, landmarks, movement, UV maps."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch

from dnt_core.face3d import FaceParameters, MorphableModel, PerspectiveCamera
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.rendering.uv_map import uv_map
from dnt_core.tracking.segment_fit import EXPRESSION, IDENTITY

MOUTH = slice(48, 68)
UV_FRAMES, TEXELS = 4, 256


@dataclass(frozen=True)
class FitQuality:
    r"""Distances to the truth, and how alike the movements are within the clip.

    Args:
        lip_mm: mean distance in mm of the 20 mouth landmarks before the pose, their middle laid on the true
            one.
        landmark_px: mean distance of the 68 landmarks in px of a picture of 256.
        expression_correlation: of the 64 coefficients over the frames, each about its mean in the clip, all
            pooled. Columns that move next to nothing count like the others.
        movement_correlation: the same of what the expression does to the landmarks, in decimetres.
        uv_texels: mean distance of the UV maps in texels of 256, where both faces are.
    """

    lip_mm: float
    landmark_px: float
    expression_correlation: float
    movement_correlation: float
    uv_texels: float

    def to_dict(self) -> dict[str, float]:
        r"""Name → number."""
        return asdict(self)


@torch.no_grad()
def fit_quality(model: MorphableModel, fitted: np.ndarray, true: np.ndarray, image_size: int) -> FitQuality:
    r"""Compares a fitted clip with the truth.

    Args:
        model: the face model of both.
        fitted: (T, 257) in storage order.
        true: (T, 257) in storage order, for the same camera.
        image_size: side in px of the camera's picture.

    Raises:
        ValueError: shapes that differ.
    """
    if np.shape(fitted) != np.shape(true) or np.ndim(true) != 2:
        raise ValueError(
            f"fitted has shape {np.shape(fitted)}, true {np.shape(true)}; expected the same (T, 257)"
        )
    rows = [torch.as_tensor(v, dtype=torch.float32) for v in (fitted, true)]
    faces = [FaceParameters.from_vector(row, order="storage") for row in rows]
    camera = PerspectiveCamera(image_size)
    marks = [camera.project(model.posed_landmarks(face))[..., :2] for face in faces]
    lips = [model.shape(face.identity, face.expression, model.landmark_indices)[:, MOUTH] for face in faces]
    lips = [lip - lip.mean(dim=1, keepdim=True) for lip in lips]
    betas = [row[:, EXPRESSION] - row[:, EXPRESSION].mean(dim=0) for row in rows]
    basis = model.expression_basis[model.landmark_indices].flatten(0, 1)  # (204, 64)
    moved = [beta @ basis.T for beta in betas]
    return FitQuality(
        lip_mm=100 * _apart(lips[0], lips[1]),
        landmark_px=_apart(marks[0], marks[1]) * 256 / image_size,
        expression_correlation=_correlation(betas[0], betas[1]),
        movement_correlation=_correlation(moved[0], moved[1]),
        uv_texels=_uv_texels(model, camera, faces[0], faces[1]),
    )


def mean_face(fitted: np.ndarray) -> np.ndarray:
    r"""The trivial fit beside a fit: its poses, with the mean person's face at rest.

    Args:
        fitted: (T, 257) in storage order.
    """
    plain = np.array(fitted)
    plain[:, IDENTITY] = plain[:, EXPRESSION] = 0
    return plain


def _apart(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).norm(dim=-1).mean())


def _correlation(one: torch.Tensor, other: torch.Tensor) -> float:
    r"""Of two tables that are centred already; 0 where one of them does not move."""
    size = float(one.norm() * other.norm())
    return float((one * other).sum()) / size if size > 1e-9 else 0.0


def _uv_texels(
    model: MorphableModel, camera: PerspectiveCamera, fitted: FaceParameters, true: FaceParameters
) -> float:
    r"""Over some frames of the clip, evenly spaced."""
    count = fitted.expression.shape[0]
    chosen = torch.linspace(0, count - 1, min(UV_FRAMES, count)).round().long()
    maps = []
    for face in (fitted[chosen], true[chosen]):
        fragments = rasterize(camera.project(model.posed(face)), model.triangles, camera.image_size)
        maps.append(uv_map(fragments, model.triangles, model.uv))
    both = (maps[0][1] * maps[1][1])[:, 0] > 0
    return TEXELS * float((maps[0][0] - maps[1][0]).norm(dim=1)[both].mean())
