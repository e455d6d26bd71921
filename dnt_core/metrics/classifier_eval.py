r"""Notebook 02's classifiers as an observer: which expression, and which level, does a picture show?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from dnt_core.clips.labelled_frames import LEFT_OUT, TARGETS, LabelledFrames
from dnt_core.metrics.classifier_fit import FitConfig, predict, train_classifier
from dnt_core.metrics.classifier_input import InputConfig
from dnt_core.metrics.image_metrics import Predict

if TYPE_CHECKING:
    from dnt_core.training.generator_data import GeneratorData

FIT = FitConfig("small", epochs=24, batch_size=16, learning_rate=4e-3, shift=2, brightness=0.2)


@dataclass(frozen=True)
class PictureClassifiers:
    r"""Two small nets that have seen filmed frames only, cut to the face as in notebook 02.

    Attributes:
        nets: "type" and "level" → net; without one that had nothing to tell apart. cut: how a picture becomes
            the net's input.
    """

    nets: Mapping[str, nn.Module]
    cut: InputConfig

    @classmethod
    def fit(
        cls, data: GeneratorData, rows: np.ndarray, plan: FitConfig = FIT, image_size: int = 64
    ) -> PictureClassifiers:
        r"""Fits both to some rows' filmed frames.

        Args:
            plan: of the fits. image_size: side of what the nets see, px.
        """
        cut = InputConfig(image_size, data.image_size)
        pictures = np.concatenate([_seen(data.batch([row]).target, cut) for row in rows])
        nets = {}
        for target, classes in TARGETS.items():
            labels = labels_of(data, rows, target)
            known = np.flatnonzero(labels != LEFT_OUT)
            if len(np.unique(labels[known])) > 1:  # of a single class a net would be sure, whatever it sees
                nets[target] = train_classifier(pictures, labels, known, classes, plan)[0]
        return cls(nets, cut)

    @torch.no_grad()
    def opinion(self, pictures: Tensor, target: str = "type") -> Tensor:
        r"""What the nets say to pictures.

        Args:
            pictures: (B, 3, S, S) RGB in [0, 1].

        Returns:
            log-probabilities (B, 8) of ``EXPRESSIONS`` or (B, 3) of levels.
        """
        return predict(self.nets[target], _seen(pictures, self.cut))

    def cross_entropy(
        self, draw: Predict, data: GeneratorData, rows: np.ndarray, batch_size: int = 8
    ) -> dict[str, float]:
        r"""Means of :meth:`frame_cross_entropies` over the rows that have a label; NaN where none has."""
        frames = self.frame_cross_entropies(draw, data, rows, batch_size)
        known = {name: values[np.isfinite(values)] for name, values in frames.items()}
        return {name: float(values.mean()) if len(values) else float("nan") for name, values in known.items()}

    @torch.no_grad()
    def frame_cross_entropies(
        self, draw: Predict, data: GeneratorData, rows: np.ndarray, batch_size: int = 8
    ) -> dict[str, np.ndarray]:
        r"""What the nets make of drawn frames.

        Args:
            draw: batch → pictures (B, 3, S, S) in [0, 1].
            data: has the frames and their labels.
            rows: (N,) of data.
            batch_size: frames at once.

        Returns:
            ``ce_type`` and ``ce_level`` of each row in nats, (N,) each; NaN where there is no net, and for
            the level of a neutral frame, which has none.
        """
        found = {f"ce_{target}": np.full(len(rows), np.nan) for target in TARGETS}
        for start in range(0, len(rows), batch_size):
            part = rows[start : start + batch_size]
            pictures = draw(data.batch(part)).clamp(0, 1)
            for target in self.nets:
                labels = labels_of(data, part, target)
                known = np.flatnonzero(labels != LEFT_OUT)
                if len(known):
                    log_p = self.opinion(pictures[known], target)
                    right = torch.arange(len(known)), torch.from_numpy(labels[known])
                    found[f"ce_{target}"][start + known] = -log_p[right].numpy()
        return found


def labels_of(data: GeneratorData, rows: np.ndarray, target: str) -> np.ndarray:
    r"""(N,) int64 labels of some rows, as notebook 02 gives them; neutral has no level."""
    frames = LabelledFrames(data.clips, data.rows[rows, 0], data.rows[rows, 1])
    return frames.labels(target)


def _seen(pictures: Tensor, cut: InputConfig) -> np.ndarray:
    """(B, 3, S, S) in [0, 1] → (B, 3, s, s) uint8, what a net is shown of them."""
    return (cut.cut(pictures).clamp(0, 1) * 255).round().byte().numpy()
