r"""Which parts of the face a decoupler moves, beside what should move."""

from __future__ import annotations

import torch
from torch import Tensor

from dnt_core.ciec import CIEC_TYPES
from dnt_core.face3d import MorphableModel
from dnt_core.metrics import lip_metrics
from dnt_core.studies.decoupling.baselines import Decoupler
from dnt_core.studies.decoupling.report import DecouplingStudy

#: Part of the face → landmarks (iBUG order) that it lies around; a pair is the point halfway between two.
REGIONS: dict[str, tuple[int | tuple[int, int], ...]] = {
    "brows": tuple(range(17, 27)),
    "lids": tuple(range(36, 48)),
    "cheeks": ((36, 48), (45, 54)),
    "chin": (7, 8, 9),
    "lips": tuple(range(48, 68)),
}
RADIUS = 0.12  # dm around each point


def region_vertices(model: MorphableModel) -> dict[str, Tensor]:
    r"""Part of the face → indices of its vertices on the mean face."""
    mean, places = model.mean_shape, model.mean_shape[model.landmark_indices]
    found = {}
    for name, points in REGIONS.items():
        around = torch.stack(
            [places[p] if isinstance(p, int) else (places[p[0]] + places[p[1]]) / 2 for p in points]
        )
        nearest = torch.cdist(mean, around).min(1).values
        inside = nearest < max(RADIUS, float(nearest.min()))  # a coarse mesh has a vertex there, too
        found[name] = torch.nonzero(inside | (nearest == nearest.min()))[:, 0]
    return found


@torch.inference_mode()
def moved_by_region(
    study: DecouplingStudy, model: MorphableModel, decoupler: Decoupler, level: int = 3
) -> dict[str, dict[str, tuple[float, float, float]]]:
    r"""How much of what should move a decoupler moves, averaged over the frames of each expression.

    Args:
        study: with the actor's truth. level: of the clips looked at.

    Returns:
        expression → part of the face → (what should move: root mean square over its vertices in mm, the
        share of it that is moved in the right direction: 1 all, 0 nothing, negative the wrong way, what is
        moved in whatever direction: root mean square in mm).
    """
    test, parts, result = study.test, region_vertices(model), {}
    for k, name in enumerate(CIEC_TYPES):
        frames = test.at((test.type == k) & (test.level == level))
        if not len(frames):
            continue
        done = (decoupler(frames.expression) - frames.expression).mean(0)
        wanted = (frames.speech - frames.truth).mean(0)
        result[name] = {}
        for part, vertices in parts.items():
            basis = model.expression_basis[vertices]  # (v, 3, 64)
            moved, should = basis @ done, basis @ wanted  # (v, 3) dm
            size, way = (x.square().sum(-1).mean().sqrt() * lip_metrics.MM for x in (should, moved))
            share = (moved * should).sum() / should.square().sum().clamp(min=1e-12)
            result[name][part] = (float(size), float(share), float(way))
    return result
