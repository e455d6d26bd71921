r"""Methods measured on the same frames, with intervals over clips: what notebook 04's tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dnt_core.metrics.classifier_eval import cross_entropies
from dnt_core.metrics.image_metrics import Predict, drawn_by, mean_face, measure_frames
from dnt_core.metrics.intervals import interval_over_clips
from dnt_core.studies.dynamic_texture.generator_evaluation import GeneratorEvaluation, rows_of
from dnt_core.training.generator_data import GeneratorData

Interval = tuple[float, float]


@dataclass(frozen=True)
class Measured:
    r"""Methods on the same N frames.

    Attributes:
        clips: (N,) the clip of each frame. intensity: (N,) of its clip.
        per_frame: method → measure → (N,), as ``measure_frames`` gives them.
        read: method → ``ce_type`` and ``ce_level`` in nats.
    """

    clips: np.ndarray
    intensity: np.ndarray
    per_frame: Mapping[str, Mapping[str, np.ndarray]]
    read: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def table(self) -> pd.DataFrame:
        r"""A row per method, means over frames."""
        means = {
            name: {key: float(np.nanmean(v)) if np.isfinite(v).any() else np.nan for key, v in found.items()}
            for name, found in self.per_frame.items()
        }
        names = list(dict.fromkeys([*means, *self.read]))
        return pd.DataFrame({n: {**means.get(n, {}), **self.read.get(n, {})} for n in names}).T

    def lead(self, name: str, other: str, measure: str = "psnr") -> tuple[float, Interval]:
        r"""How far one method is ahead of another one, frame by frame, with its interval over clips."""
        ahead = self.per_frame[name][measure] - self.per_frame[other][measure]
        return float(np.nanmean(ahead)), interval_over_clips(ahead, self.clips)

    def filmed_levels(self, name: str, measure: str = "psnr") -> tuple[float, Interval]:
        r"""A method's mean over frames that are not neutral, with its interval over clips."""
        shown = self.intensity > 0
        values = self.per_frame[name][measure][shown]
        return float(np.nanmean(values)), interval_over_clips(values, self.clips[shown])


def measured(
    data: GeneratorData, draws: Mapping[str, Predict], read: Mapping[str, Mapping[str, float]] | None = None
) -> Measured:
    r"""Measures methods on all frames of a data set."""
    clips = data.rows[:, 0]
    intensity = np.array([clip.intensity for clip in data.clips])[clips]
    per_frame = {name: measure_frames(draw, data, rows_of(data)) for name, draw in draws.items()}
    return Measured(clips, intensity, per_frame, read or {})


def held_out(study: GeneratorEvaluation) -> Measured:
    r"""Generator, static texture and mean face on clips that never trained; the classifier on film, too."""
    data = study.held
    draws = {
        "generator": drawn_by(study.generator),
        "static texture": drawn_by(study.static),
        "mean face": mean_face(study.train, rows_of(study.train)),
    }
    shown = {**draws, "filmed frames": lambda batch: batch.target}
    read = {n: cross_entropies([study.observer], draw, data, rows_of(data)) for n, draw in shown.items()}
    return measured(data, draws, read)


def between_levels(study: GeneratorEvaluation) -> Measured:
    r"""The generator at intensities that nobody filmed, beside three cross-fades and the static texture."""
    names = (
        "generator", "its textures, blended", "its frames, blended", "filmed frames, blended",
        "static texture",
    )  # fmt: skip
    return measured(study.between, {name: study.between_baselines[name] for name in names})


def difference_interval(first: Interval, second: Interval) -> Interval:
    r"""An interval of a difference of two means over different clips; wider than need be.

    >>> difference_interval((1.0, 2.0), (0.5, 1.0))
    (0.0, 1.5)
    """
    return first[0] - second[1], first[1] - second[0]
