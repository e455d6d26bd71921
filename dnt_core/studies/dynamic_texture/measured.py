r"""Methods measured on the same frames, with intervals over clips: what notebook 04's tables are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dnt_core.metrics.image_metrics import Predict, drawn_by, mean_face, measure_frames
from dnt_core.metrics.intervals import interval_over_clips
from dnt_core.studies.dynamic_texture.generator_evaluation import GeneratorEvaluation, rows_of
from dnt_core.studies.dynamic_texture.ghost_truth import JudgedGhost
from dnt_core.training.generator_data import GeneratorData

Interval = tuple[float, float]


@dataclass(frozen=True)
class Measured:
    r"""Methods on the same N frames.

    Attributes:
        clips: (N,) the clip of each frame.
        intensity: (N,) of its clip, in [0, 1].
        per_frame: method → measure → (N,), as ``measure_frames`` and ``frame_cross_entropies`` give them.
    """

    clips: np.ndarray
    intensity: np.ndarray
    per_frame: Mapping[str, Mapping[str, np.ndarray]]

    @property
    def n_clips(self) -> int:
        r"""How many clips the frames lie in."""
        return len(np.unique(self.clips))

    @property
    def table(self) -> pd.DataFrame:
        r"""A row per method, means over frames."""
        means = {
            name: {key: float(np.nanmean(v)) if np.isfinite(v).any() else np.nan for key, v in found.items()}
            for name, found in self.per_frame.items()
        }
        return pd.DataFrame(means).T

    def interval(self, name: str, measure: str) -> Interval:
        r"""The interval over clips of a method's mean over frames.

        Args:
            name: of the method.
            measure: its name in ``per_frame``.
        """
        return interval_over_clips(self.per_frame[name][measure], self.clips)

    def lead(self, name: str, other: str, measure: str = "psnr") -> tuple[float, Interval]:
        r"""How far one method is ahead of another one, frame by frame, with its interval over clips."""
        ahead = self.per_frame[name][measure] - self.per_frame[other][measure]
        return float(np.nanmean(ahead)), interval_over_clips(ahead, self.clips)

    def filmed_levels(self, name: str) -> tuple[float, Interval]:
        r"""A method's mean PSNR (dB) over frames that are not neutral, with its interval over clips."""
        shown = self.intensity > 0
        values = self.per_frame[name]["psnr"][shown]
        return float(np.nanmean(values)), interval_over_clips(values, self.clips[shown])


def measured(data: GeneratorData, draws: Mapping[str, Predict]) -> Measured:
    r"""Measures methods on all frames of a data set.

    Args:
        data: has N frames.
        draws: method → batch → pictures (B, 3, S, S) in [0, 1].
    """
    clips = data.rows[:, 0]
    intensity = np.array([clip.intensity for clip in data.clips])[clips]
    per_frame = {name: measure_frames(draw, data, rows_of(data)) for name, draw in draws.items()}
    return Measured(clips, intensity, per_frame)


def held_out(study: GeneratorEvaluation) -> Measured:
    r"""Generator, static texture and mean face on clips that never trained; the classifier on film, too."""
    data = study.held
    draws = {
        "generator": drawn_by(study.generator),
        "static texture": drawn_by(study.static),
        "mean face": mean_face(study.train, rows_of(study.train)),
    }
    found = measured(data, draws)
    shown = {**draws, "filmed frames": lambda batch: batch.target}
    per_frame = {
        name: {
            **found.per_frame.get(name, {}),
            **study.observer.frame_cross_entropies(draw, data, rows_of(data)),
        }
        for name, draw in shown.items()
    }
    return Measured(found.clips, found.intensity, per_frame)


def between_levels(study: GeneratorEvaluation) -> Measured:
    r"""The generator at intensities that nobody filmed, beside three cross-fades and the static texture."""
    names = (
        "generator", "its textures, blended", "its frames, blended", "filmed frames, blended",
        "static texture",
    )  # fmt: skip
    return measured(study.between, {name: study.between_baselines[name] for name in names})


def lost_between_levels(study: GeneratorEvaluation, unseen: Measured) -> tuple[float, Interval]:
    r"""How much lower the PSNR is at intensities that nobody filmed, dB, and its interval over clips.

    Each frame is compared with itself: the actor acts the moment at the filmed level below and above, too,
    and the generator draws both. The mean of the two is the PSNR to compare with.

    Args:
        study: has the moments.
        unseen: of :func:`between_levels`.
    """
    draw = drawn_by(study.generator)
    sides = [measured(study.between_at(step), {"generator": draw}) for step in (-0.5, 0.5)]
    at_levels = np.mean([side.per_frame["generator"]["psnr"] for side in sides], axis=0)
    lost = at_levels - unseen.per_frame["generator"]["psnr"]
    return float(lost.mean()), interval_over_clips(lost, unseen.clips)


def difference_interval(first: Interval, second: Interval) -> Interval:
    r"""An interval of a difference of two means over different clips; wider than need be.

    >>> difference_interval((1.0, 2.0), (0.5, 1.0))
    (0.0, 1.5)
    """
    return first[0] - second[1], first[1] - second[0]


def numbers_to_record(
    study: GeneratorEvaluation, seen: Measured, within: Measured, unseen: Measured,
    ghosts: Sequence[JudgedGhost],
) -> dict[str, float]:  # fmt: skip
    r"""What notebook 04 records of its measurements, by name.

    Args:
        study: has the sweep of intensities.
        seen: held-out clips, of :func:`held_out`.
        within: the last fifth of clips that trained.
        unseen: levels that nobody filmed, of :func:`between_levels`.
        ghosts: unseen combinations.

    Returns:
        name → number; PSNR in dB, cross-entropies in nats, distances in mm.
    """
    held, between, sweep = seen.table, unseen.table, study.sweep
    best = held.loc["generator", ["psnr", "ssim", "psnr_face", "psnr_mouth", "ce_type", "ce_level"]]
    last_fifth = within.table.loc["generator"]
    return {
        **best.to_dict(),
        "psnr_static": held.loc["static texture", "psnr"],
        "psnr_mean_face": held.loc["mean face", "psnr"],
        "psnr_within": last_fifth["psnr"],
        "ssim_within": last_fifth["ssim"],
        "psnr_unseen_levels": unseen.filmed_levels("generator")[0],
        "psnr_seen_levels": seen.filmed_levels("generator")[0],
        "psnr_blend_baseline": between.loc["filmed frames, blended", "psnr"],
        "psnr_own_frames_blended": between.loc["its frames, blended", "psnr"],
        "monotone_fraction": sweep.monotone_fraction,
        "worst_deviation": sweep.worst_deviation,
        "lip_shift_mm": float(sweep.lip_shift_mm[:, -1].mean()),
        "actor_lip_shift_mm": float(np.mean(list(study.actor_lip_shift_mm().values()))),
        "ghost_lips_off_mm": float(np.mean([ghost.lips_off for ghost in ghosts])),
        "ghost_reader_error_mm": float(np.mean([ghost.reader_error for ghost in ghosts])),
    }
