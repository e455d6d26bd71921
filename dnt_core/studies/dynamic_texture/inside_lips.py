r"""What lies inside the lips, teeth and dark: how far a generator's picture is from the film there."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dnt_core.metrics.lip_reader import landmarks_of
from dnt_core.rendering.polygon_numba import fill_polygon
from dnt_core.studies.dynamic_texture.generator_evaluation import GeneratorEvaluation, rows_of
from dnt_core.training.generator_data import GeneratorData

INNER = slice(12, 20)  # of the twenty mouth landmarks


def inside_lips(landmarks: np.ndarray, size: int) -> Tensor:
    r"""Where the mouth is open.

    Args:
        landmarks: (N, 20, 2) px, column and row of the mouth landmarks.
        size: S, pixels per side.

    Returns:
        (N, 1, S, S): 1 inside the polygon of the eight inner landmarks, else 0.
    """
    masks = np.zeros((len(landmarks), size, size), np.float32)
    for mask, loop in zip(masks, landmarks[:, INNER].astype(np.float64), strict=True):
        fill_polygon(np.ascontiguousarray(loop), mask)
    return torch.from_numpy(masks)[:, None]


@torch.no_grad()
def error_inside_lips(
    study: GeneratorEvaluation, data: GeneratorData, with_teeth: bool, least: int = 10
) -> np.ndarray:
    r"""How far the generator's pictures are from the film inside the film's lips.

    Args:
        study: has the generator, whose teeth submodule makes the features.
        data: moments of the film, with their true landmarks.
        with_teeth: False sets the teeth features to zero.
        least: frames whose mouth is open by fewer pixels do not count.

    Returns:
        mean absolute difference of each frame, (N,), colours from 0 to 1; NaN where it does not count.
    """
    errors = []
    for row in rows_of(data):
        batch, where = data.batch([row]), inside_lips(landmarks_of(data, np.array([row])), study.size)
        if where.sum() < least:
            errors.append(np.nan)
            continue
        steps = study.generator.steps(batch.frame, batch.ciec, with_teeth=with_teeth)
        apart = (steps.rendered(batch.frame.background).image - batch.target).abs()
        errors.append(float((apart * where).sum() / (3 * where.sum())))
    return np.array(errors)
