r"""Notebook 02's classifiers as an observer: which expression, and which level, does a picture show?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from dnt_core.clips.labelled_frames import LEFT_OUT, TARGETS, LabelledFrames
from dnt_core.metrics.classifier_fit import FitConfig, predict, train_classifier
from dnt_core.metrics.classifier_input import InputConfig
from dnt_core.metrics.image_metrics import Predict
from dnt_core.networks.generator import FrameInputs
from dnt_core.networks.mouth_window import cut_window, mouth_window

if TYPE_CHECKING:
    from dnt_core.training.generator_data import GeneratorData

FIT = FitConfig("small", epochs=24, batch_size=16, learning_rate=4e-3, shift=2, brightness=0.2)
PARTS = ("", "face", "mouth")
MOUTH_SHARE = 5 / 16  # side of the mouth's window, in sides of the picture: lips and their corners


@dataclass(frozen=True)
class PictureClassifiers:
    r"""Two small nets that have seen filmed frames only, cut to the face as in notebook 02.

    Attributes:
        nets: "type" and "level" → net; without one that had nothing to tell apart. cut: how a picture becomes
            the net's input.
        part: what the nets are shown: "" the whole picture; "face" only where the geometry shows, grey
            around it and in the mouth hole; "mouth" only a window around the mouth hole.
    """

    nets: Mapping[str, nn.Module]
    cut: InputConfig
    part: str = ""

    def __post_init__(self) -> None:
        if self.part not in PARTS:
            raise ValueError(f"unknown part {self.part!r}; expected one of {', '.join(map(repr, PARTS))}")

    @classmethod
    def fit(
        cls,
        data: GeneratorData,
        rows: np.ndarray,
        plan: FitConfig = FIT,
        image_size: int = 64,
        part: str = "",
    ) -> PictureClassifiers:
        r"""Fits both to some rows' filmed frames.

        Args:
            plan: of the fits. image_size: side of what the nets see, px. part: one of :data:`PARTS`.
        """
        cut = InputConfig(image_size, data.image_size)
        batches = [data.batch([row]) for row in rows]
        pictures = np.concatenate([_seen(batch.target, batch.frame, cut, part) for batch in batches])
        nets = {}
        for target, classes in TARGETS.items():
            labels = labels_of(data, rows, target)
            known = np.flatnonzero(labels != LEFT_OUT)
            if len(np.unique(labels[known])) > 1:  # of a single class a net would be sure, whatever it sees
                nets[target] = train_classifier(pictures, labels, known, classes, plan)[0]
        return cls(nets, cut, part)

    @torch.no_grad()
    def opinion(self, pictures: Tensor, frame: FrameInputs, target: str = "type") -> Tensor:
        r"""What the nets say to pictures.

        Args:
            pictures: (B, 3, S, S) RGB in [0, 1]. frame: where face and mouth are in them.

        Returns:
            log-probabilities (B, 8) of ``EXPRESSIONS`` or (B, 3) of levels.
        """
        return predict(self.nets[target], _seen(pictures, frame, self.cut, self.part))

    def cross_entropy(
        self, draw: Predict, data: GeneratorData, rows: np.ndarray, batch_size: int = 8
    ) -> dict[str, float]:
        r"""See :func:`cross_entropies`."""
        return cross_entropies([self], draw, data, rows, batch_size)


def cross_entropies(
    observers: Sequence[PictureClassifiers],
    draw: Predict,
    data: GeneratorData,
    rows: np.ndarray,
    batch_size: int = 8,
) -> dict[str, float]:
    r"""Means of :func:`frame_cross_entropies` over the rows that have a label; NaN where none has."""
    frames = frame_cross_entropies(observers, draw, data, rows, batch_size)
    known = {name: values[np.isfinite(values)] for name, values in frames.items()}
    return {name: float(values.mean()) if len(values) else float("nan") for name, values in known.items()}


@torch.no_grad()
def frame_cross_entropies(
    observers: Sequence[PictureClassifiers],
    draw: Predict,
    data: GeneratorData,
    rows: np.ndarray,
    batch_size: int = 8,
) -> dict[str, np.ndarray]:
    r"""What observers make of drawn frames; each frame is drawn once for all of them.

    Args:
        observers: one or more, each of another part.
        draw: batch → pictures (B, 3, S, S) in [0, 1].
        data: has the frames and their labels.
        rows: (N,) of data.
        batch_size: frames at once.

    Returns:
        ``ce_type`` and ``ce_level`` of each row in nats, (N,) each; NaN where an observer has no net, and for
        the level of a neutral frame, which has none. Those of an observer of a part end in its name, such as
        ``ce_type_mouth``.
    """
    found = {
        _name(observer, target): np.full(len(rows), np.nan) for observer in observers for target in TARGETS
    }
    for start in range(0, len(rows), batch_size):
        part = rows[start : start + batch_size]
        batch = data.batch(part)
        pictures = draw(batch).clamp(0, 1)
        for target in TARGETS:
            labels = labels_of(data, part, target)
            known = np.flatnonzero(labels != LEFT_OUT)
            if not len(known):
                continue
            frame = batch.frame.each(lambda t, known=known: t[known])
            right = torch.arange(len(known)), torch.from_numpy(labels[known])
            for observer in (one for one in observers if target in one.nets):
                log_p = observer.opinion(pictures[known], frame, target)
                found[_name(observer, target)][start + known] = -log_p[right].numpy()
    return found


def _name(observer: PictureClassifiers, target: str) -> str:
    return "_".join(filter(None, ("ce", target, observer.part)))


def labels_of(data: GeneratorData, rows: np.ndarray, target: str) -> np.ndarray:
    r"""(N,) int64 labels of some rows, as notebook 02 gives them; neutral has no level."""
    frames = LabelledFrames(data.clips, data.rows[rows, 0], data.rows[rows, 1])
    return frames.labels(target)


def _seen(pictures: Tensor, frame: FrameInputs, cut: InputConfig, part: str) -> np.ndarray:
    """(B, 3, S, S) in [0, 1] → (B, 3, s, s) uint8, what a net is shown of them."""
    if part == "mouth":
        size = (round(MOUTH_SHARE * pictures.shape[-1]),) * 2
        seen = cut.fit(cut_window(pictures, mouth_window(frame.mouth_box, size), size))
    else:
        seen = cut.cut(torch.where(frame.mask > 0, pictures, 0.5) if part == "face" else pictures)
    return (seen.clamp(0, 1) * 255).round().byte().numpy()
