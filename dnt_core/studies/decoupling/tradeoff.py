r"""The price of λ2: how neutral a face can be that keeps its lips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from dnt_core.clips.expression_frames import ExpressionFrames
from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.metrics import lip_metrics
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.studies.decoupling.neutrality import fresh_accuracy
from dnt_core.studies.decoupling.report import DecouplingStudy
from dnt_core.training.decoupling import DecouplingConfig, train_decoupling

LAMBDA2_SWEEP = (0.0, 500.0, 5_000.0, 15_000.0, 50_000.0, 200_000.0, 1_000_000.0)


def sweep_lambda2(
    frames: ExpressionFrames,
    model: MorphableModel,
    config: DecouplingConfig,
    lambda2: Sequence[float] = LAMBDA2_SWEEP,
    progress: Callable[[float], None] | None = None,
) -> dict[float, DecouplingNetwork]:
    r"""One network for each λ2 (for decimetres), all else equal, seeds included.

    Args:
        frames: to train on.
        model: the face model they belong to.
        config: of every training but for its λ2.
        lambda2: the values that are tried.
        progress: called with each λ2 before its training.
    """
    networks = {}
    for value in lambda2:
        networks[value] = train_decoupling(frames, model, replace(config, lambda2=value)).result
        if progress is not None:
            progress(value)
    return networks


def tradeoff(
    study: DecouplingStudy, networks: dict[float, DecouplingNetwork], mlp: bool = False
) -> list[dict[str, float]]:
    r"""For each λ2: ``lambda2``, ``lip_error_mm`` and ``accuracy_fresh`` on the test clips.

    Args:
        study: what measures.
        networks: λ2 → its trained network.
        mlp: use the MLP beside the logistic regression.
    """
    rows = []
    for value, network in networks.items():
        with torch.inference_mode():
            error = lip_metrics.lip_error_mm(
                study.mouth(study.test.expression), study.mouth(network(study.test.expression))
            )
        rows.append(
            {
                "lambda2": value,
                "lip_error_mm": float(error.mean()),
                "accuracy_fresh": study.fresh(network, mlp=mlp),
            }
        )
    return rows


def oracle_tradeoff(
    study: DecouplingStudy, weights: Sequence[float] = (0, 100, 300, 1_000, 3_000, 10_000, 100_000)
) -> list[dict[str, float]]:
    r"""The same curve for one who knows each frame's speech and need not guess: a yardstick for any network.

    From every frame the true shift Δ of its expression is taken, except the part K Δ that the lips would miss
    most: K minimises (KΔ − Δ)ᵀ w LᵀL (KΔ − Δ) + (KΔ)ᵀ S⁻¹ (KΔ), with L the lip landmarks' basis and S the
    covariance of neutral faces.

    Args:
        study: with the actor's truth.
        weights: w; higher: lips stay.
    """
    basis = study.mouth.basis.double().flatten(0, 1)  # (60, 64)
    spread = torch.linalg.inv(torch.cov(study.train.expression[study.train.neutral].double().T))
    rows = []
    for weight in weights:
        gram = weight * basis.mT @ basis
        kept = torch.linalg.solve(spread + gram, gram).to(basis)
        train, test = (_without_shift(frames, kept) for frames in (study.train, study.test))
        error = lip_metrics.lip_error_mm(study.mouth(study.test.expression), study.mouth(test)).mean()
        thin = slice(None, None, study.every)
        accuracy = fresh_accuracy(
            train[thin], study.train.type[thin], test[thin], study.test.type[thin], mlp=False
        )
        rows.append({"lip_error_mm": float(error), "accuracy_fresh": accuracy})
    return rows


def lip_error_at(rows: Sequence[Mapping[str, float]], accuracy: float) -> float:
    r"""The lip error in mm at which a curve of :func:`tradeoff` comes down to an accuracy, or its end.

    Args:
        rows: what :func:`tradeoff` gave.
        accuracy: share of frames, in [0, 1].
    """
    rows = sorted(rows, key=lambda row: row["accuracy_fresh"])
    return float(np.interp(accuracy, [r["accuracy_fresh"] for r in rows], [r["lip_error_mm"] for r in rows]))


def _without_shift(frames: ExpressionFrames, kept: Tensor) -> Tensor:
    shift = (frames.truth - frames.speech).double()
    return (frames.expression.double() - shift + shift @ kept.mT).to(frames.expression)
