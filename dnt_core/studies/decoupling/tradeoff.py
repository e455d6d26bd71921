r"""The price of λ2: how neutral a face can be that keeps its lips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from dnt_core.clips.expression_frames import ExpressionFrames
from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.metrics import lip_metrics
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.studies.decoupling.baselines import (
    Decoupler,
    keeping_the_lips,
    kept_for_the_lips,
    linear_to_neutral,
)
from dnt_core.studies.decoupling.intervals import DRAWS, Spread, drawn_clips, on_clips
from dnt_core.studies.decoupling.neutrality import CHANCE
from dnt_core.studies.decoupling.report import DecouplingStudy
from dnt_core.training.decoupling import DecouplingConfig, train_decoupling

LAMBDA2_SWEEP = (0.0, 500.0, 5_000.0, 15_000.0, 50_000.0, 200_000.0, 1_000_000.0)


def sweep_lambda2(
    frames: ExpressionFrames,
    model: MorphableModel,
    config: DecouplingConfig,
    lambda2: Sequence[float] = LAMBDA2_SWEEP,
) -> dict[float, DecouplingNetwork]:
    r"""One network for each λ2 (for decimetres), all else equal, seeds included.

    Args:
        frames: to train on.
        model: the face model they belong to.
        config: of every training but for its λ2.
        lambda2: the values that are tried.
    """
    return {x: train_decoupling(frames, model, replace(config, lambda2=x)).result for x in lambda2}


def tradeoff(study: DecouplingStudy, networks: Mapping[float, Decoupler]) -> list[dict[str, float]]:
    r"""For each λ2: ``lambda2``, ``lip_error_mm`` and ``accuracy_fresh`` on the test clips.

    Args:
        study: what measures.
        networks: λ2 → its trained network.
    """
    rows = []
    for value, network in networks.items():
        rows.append(
            {
                "lambda2": value,
                "lip_error_mm": lip_error_of(study, network),
                "accuracy_fresh": study.fresh(network),
            }
        )
    return rows


def oracle_spread(
    study: DecouplingStudy,
    weights: Sequence[float] = (0, 100, 300, 1_000, 3_000, 10_000, 100_000),
    draws: int = DRAWS,
) -> list[dict[str, Spread]]:
    r"""The same curve for one who knows each frame's speech and need not guess: a yardstick for any network.

    From every frame the true shift Δ of its expression is taken, except the part that the lips would miss
    most, as in :func:`~dnt_core.studies.decoupling.baselines.keeping_the_lips`.

    Args:
        study: with the actor's truth.
        weights: w; higher: lips stay.
        draws: how often test clips are drawn with replacement; the clips of
            :func:`~dnt_core.studies.decoupling.intervals.seed_spread`.

    Returns:
        for each weight ``lip_error_mm`` and ``accuracy_fresh`` with their scatter over clips.
    """
    times = drawn_clips(study, draws, np.random.default_rng(0))
    thin, over = slice(None, None, study.every), f"{len(study.test.clips)} clips"
    rows = []
    for weight in weights:
        kept = kept_for_the_lips(study.train, study.mouth.basis, weight).double()
        train, test = (_without_shift(frames, kept) for frames in (study.train, study.test))
        found = on_clips(study, (train[thin], study.train.type[thin]), test, times)
        rows.append(
            {
                name: Spread(float(found[name][0]), found[name][:1], found[name][1:], over)
                for name in ("lip_error_mm", "accuracy_fresh")
            }
        )
    return rows


def half_way_spread(rows: Sequence[Mapping[str, Spread]], before: Spread) -> Spread:
    r"""The lip error in mm at which a curve is half-way down to chance, once per draw of clips.

    Args:
        rows: of :func:`oracle_spread`.
        before: the fresh classifier's accuracy without decoupling, on the same draws.
    """
    half = (np.append(before.mean, before.draws) + CHANCE) / 2
    curves = [{name: np.append(one[name].mean, one[name].draws) for name in one} for one in rows]
    at = np.array(
        [
            lip_error_at([{name: float(values[d]) for name, values in row.items()} for row in curves], limit)
            for d, limit in enumerate(half)
        ]
    )
    return Spread(float(at[0]), at[:1], at[1:], before.over)


def linear_tradeoff(
    study: DecouplingStudy, weights: Sequence[float] = (0, 100, 300, 1_000, 3_000, 10_000, 100_000)
) -> dict[float, Decoupler]:
    r"""The linear map with its lips kept by more and more: weight → decoupler, for :func:`tradeoff`.

    Args:
        study: whose training frames the map is fitted to.
        weights: w of :func:`~dnt_core.studies.decoupling.baselines.keeping_the_lips`; higher: lips stay.
    """
    linear = linear_to_neutral(study.train)
    return {w: keeping_the_lips(linear, study.train, study.mouth.basis, w) for w in weights}


def linear_at_lip_error(study: DecouplingStudy, lip_error_mm: float) -> Decoupler:
    r"""The linear map that keeps its lips just so far that they move as much as another decoupler's.

    Args:
        study: whose training frames the map is fitted to.
        lip_error_mm: mean over the test frames; what the plain linear map does at most.
    """
    weight = weight_at_lip_error(study, lip_error_mm)
    return linear_tradeoff(study, [weight])[weight]


def weight_at_lip_error(study: DecouplingStudy, lip_error_mm: float) -> float:
    r"""The weight w of :func:`linear_at_lip_error`, found by halving; between 0.01 and 10⁸.

    Args:
        study: whose training frames the map is fitted to.
        lip_error_mm: mean over the test frames, in mm.
    """
    linear = linear_to_neutral(study.train)
    low, high = -2.0, 8.0  # decimal logarithm of the weight
    for _ in range(12):
        middle = (low + high) / 2
        decoupler = keeping_the_lips(linear, study.train, study.mouth.basis, 10**middle)
        low, high = (middle, high) if lip_error_of(study, decoupler) > lip_error_mm else (low, middle)
    return 10**middle


def lip_error_of(study: DecouplingStudy, decoupler: Decoupler) -> float:
    r"""How far a decoupler moves the mouth landmarks: mean over landmarks and test frames, in mm.

    Args:
        study: whose test frames are decoupled.
        decoupler: β (N, 64) → β (N, 64).
    """
    with torch.inference_mode():
        before, after = study.test.expression, decoupler(study.test.expression)
        return float(lip_metrics.lip_error_mm(study.mouth(before), study.mouth(after)).mean())


def lip_error_at(rows: Sequence[Mapping[str, float]], accuracy: float) -> float:
    r"""The lip error in mm at which a curve of :func:`tradeoff` comes down to an accuracy, or its end.

    Args:
        rows: what :func:`tradeoff` gave.
        accuracy: share of frames, in [0, 1].
    """
    rows = sorted(rows, key=lambda row: row["accuracy_fresh"])
    return float(np.interp(accuracy, [r["accuracy_fresh"] for r in rows], [r["lip_error_mm"] for r in rows]))


def lambda2_at(rows: Sequence[Mapping[str, float]], lip_error_mm: float) -> float:
    r"""The λ2 at which a curve of :func:`tradeoff` passes a lip error, on a logarithmic scale between its
    points with λ2 > 0, or its end.
    """
    rows = sorted((row for row in rows if row["lambda2"] > 0), key=lambda row: row["lip_error_mm"])
    powers = np.log([row["lambda2"] for row in rows])
    return float(np.exp(np.interp(lip_error_mm, [row["lip_error_mm"] for row in rows], powers)))


def _without_shift(frames: ExpressionFrames, kept: Tensor) -> Tensor:
    shift = (frames.truth - frames.speech).double()
    return (frames.expression.double() - shift + shift @ kept.mT).to(frames.expression)
