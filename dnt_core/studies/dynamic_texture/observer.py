r"""Notebook 02's classifiers as an observer: which expression, and which level, does a picture show?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from dnt_core.studies.dynamic_texture.held_out import Predict
from dnt_core.studies.where_are_expressions import TARGETS, FitPlan, InputPlan, predict, train_classifier
from dnt_core.studies.where_are_expressions.study_frames import LEFT_OUT, StudyFrames
from dnt_core.training.generator_data import GeneratorData

FIT = FitPlan("small", epochs=24, batch_size=16, learning_rate=4e-3, shift=2, brightness=0.2)


@dataclass(frozen=True)
class Observer:
    r"""Two small nets that have seen filmed frames only, cut to the face as in notebook 02.

    Attributes:
        nets: "type" and "level" → net. cut: how a picture becomes the net's input.
    """

    nets: Mapping[str, nn.Module]
    cut: InputPlan

    @classmethod
    def fit(
        cls, data: GeneratorData, rows: np.ndarray, plan: FitPlan = FIT, image_size: int = 64
    ) -> Observer:
        r"""Fits both to some rows' filmed frames.

        Args:
            plan: of the fits. image_size: side of what the nets see, px.
        """
        cut = InputPlan(image_size, data.image_size)
        pictures = _seen(torch.cat([data.batch([row]).target for row in rows]), cut)
        nets = {}
        for target, classes in TARGETS.items():
            labels = labels_of(data, rows, target)
            nets[target] = train_classifier(
                pictures, labels, np.flatnonzero(labels != LEFT_OUT), classes, plan
            )[0]
        return cls(nets, cut)

    @torch.no_grad()
    def opinion(self, pictures: Tensor, target: str = "type") -> Tensor:
        r"""(B, 3, S, S) RGB in [0, 1] → log-probabilities (B, 8) of ``EXPRESSIONS`` or (B, 3) of levels."""
        return predict(self.nets[target], _seen(pictures, self.cut))

    @torch.no_grad()
    def cross_entropy(
        self, draw: Predict, data: GeneratorData, rows: np.ndarray, batch_size: int = 8
    ) -> dict[str, float]:
        r"""``ce_type`` and ``ce_level`` in nats, mean over the rows (level: those that are not neutral)."""
        found: dict[str, list[Tensor]] = {target: [] for target in TARGETS}
        for start in range(0, len(rows), batch_size):
            part = rows[start : start + batch_size]
            pictures = draw(data.batch(part)).clamp(0, 1)
            for target in TARGETS:
                labels = labels_of(data, part, target)
                known = np.flatnonzero(labels != LEFT_OUT)
                log_p = self.opinion(pictures[known], target) if len(known) else pictures.new_zeros(0, 1)
                found[target].append(-log_p[torch.arange(len(known)), torch.from_numpy(labels[known])])
        return {f"ce_{target}": float(torch.cat(values).mean()) for target, values in found.items()}


def labels_of(data: GeneratorData, rows: np.ndarray, target: str) -> np.ndarray:
    r"""(N,) int64 labels of some rows, as notebook 02 gives them; neutral has no level."""
    frames = StudyFrames(data.clips, data.rows[rows, 0], data.rows[rows, 1])
    return frames.labels(target)


def _seen(pictures: Tensor, cut: InputPlan) -> np.ndarray:
    return (cut.cut(pictures).clamp(0, 1) * 255).round().byte().numpy()
