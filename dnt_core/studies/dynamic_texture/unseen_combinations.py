r"""The ghost test: a mouth shape and an intensity that never occurred together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from dnt_core.actor import FilmConfig
from dnt_core.actor.filming import Shot, act, truth
from dnt_core.ciec import CIEC_TYPES
from dnt_core.face3d import load_face_model
from dnt_core.metrics.lip_metrics import lip_error_mm, lip_opening_mm, lip_width_mm
from dnt_core.training.decoupling_losses import MouthLandmarks


class UnseenCombination(NamedTuple):
    r"""The frame of a shot whose mouth is farthest from all that an expression was filmed with.

    Attributes:
        expression: at full intensity. shot, frame: where the mouth comes from.
        opening, width: of that mouth, mm. distance: to the nearest mouth of the expression, mm.
        usual: median distance between a filmed mouth of the expression and the nearest of another clip.
    """

    expression: str
    shot: Shot
    frame: int
    opening: float
    width: float
    distance: float
    usual: float


@torch.no_grad()
def mouth_shapes(plan: FilmConfig, shot: Shot, decoupling: nn.Module | None) -> np.ndarray:
    r"""(T, 2): the lips' opening and width in mm, frame by frame, after the decoupling network."""
    performance, _ = act(plan, shot)
    cache = truth(performance, plan.image_size)
    seen = cache.face_parameters()
    drawn = seen if decoupling is None else decoupling.decouple(seen)
    lips = MouthLandmarks(load_face_model(cache.face_model))(drawn.expression)
    return torch.stack([lip_opening_mm(lips), lip_width_mm(lips)], 1).numpy()


def lips_moved_by_actor(plan: FilmConfig, shots: Sequence[Shot]) -> dict[str, float]:
    r"""expression → mean distance in mm of the actor's lips from where the speech alone has them."""
    moved: dict[str, list[float]] = {}
    for shot in shots:
        performance, _ = act(plan, shot)
        cache = truth(performance, plan.image_size)
        mouth = MouthLandmarks(load_face_model(cache.face_model))
        shown, spoken = torch.from_numpy(performance.expression_coefficients), cache.speech_expression
        shift = lip_error_mm(mouth(shown.float()), mouth(torch.from_numpy(spoken)))
        moved.setdefault(shot.expression, []).append(float(shift.mean()))
    return {name: float(np.mean(values)) for name, values in moved.items()}


@torch.no_grad()
def find_unseen_combinations(
    plan: FilmConfig, train: Sequence[Shot], sources: Sequence[Shot], decoupling: nn.Module | None = None
) -> list[UnseenCombination]:  # fmt: skip
    r"""For every expression the mouth, among ``sources``' frames, that it was never trained with.

    Args:
        train: shots that trained; those with the expression at full intensity count. sources: held-out ones;
            those of other expressions count.

    Raises:
        ValueError: an expression without two training shots at full intensity, or without a source.
    """
    shapes = {shot: mouth_shapes(plan, shot, decoupling) for shot in sources}
    found = []
    for name in CIEC_TYPES:
        cell = [s for s in train if s.expression == name and abs(s.intensity - 1) < 1e-6]
        if len(cell) < 2:
            raise ValueError(f"{name} has {len(cell)} training clips at 1; expected two or more")
        known = [mouth_shapes(plan, shot, decoupling) for shot in cell]
        usual = float(np.median(np.concatenate([_nearest(a, b) for a, b in _pairs(known)])))
        others = {shot: shape for shot, shape in shapes.items() if shot.expression != name}
        if not others:
            raise ValueError(f"there is no held-out clip of another expression than {name}")
        far = {shot: _nearest(shape, np.concatenate(known)) for shot, shape in others.items()}
        shot = max(far, key=lambda s: far[s].max())
        frame = int(far[shot].argmax())
        opening, width = (float(x) for x in shapes[shot][frame])
        found.append(UnseenCombination(name, shot, frame, opening, width, float(far[shot][frame]), usual))
    return found


def _nearest(points: np.ndarray, known: np.ndarray) -> np.ndarray:
    """(N, 2), (M, 2) → (N,) distance of each point to the nearest known one."""
    return np.linalg.norm(points[:, None] - known[None], axis=-1).min(1)


def _pairs(parts: list[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Each part, and all others in one."""
    return [(part, np.concatenate(parts[:i] + parts[i + 1 :])) for i, part in enumerate(parts)]
