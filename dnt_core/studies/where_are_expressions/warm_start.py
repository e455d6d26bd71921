r"""Weights to start from when ImageNet's are not at hand: a net that has seen another actor.

A ResNet-50 from scratch needs thousands of pictures before it reads anything; ten models for ten folds would
take days on a CPU. So one net learns on the pictures of an actor who is not in the study, all five settings
alike, and its weights stand where the file with ImageNet weights would stand: no setting is favoured, no fold
is leaked.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from dnt_core.assets import find_asset
from dnt_core.clips.clip import CELLS
from dnt_core.metrics.classifier_fit import FitConfig, train_classifier
from dnt_core.metrics.expression_classifier import save_classifier
from dnt_core.rendering.five_renderings import RENDERINGS
from dnt_core.studies.where_are_expressions.input_cache import StudyInputs


def imagenet_weights(network: str) -> str:
    r"""The local file with ImageNet weights for this net, "" where there is none (see ``dnt doctor``).

    Args:
        network: one of :data:`~dnt_core.metrics.classifier_fit.NETWORKS`.
    """
    path = find_asset("resnet50") if network == "resnet50" else None
    return "" if path is None else str(path)


def cell_labels(inputs: StudyInputs) -> np.ndarray:
    r"""(N,) int64: which of MEAD's 22 cells (type and level together) a frame comes from."""
    cells = np.array([CELLS.index((clip.expression, clip.level)) for clip in inputs.frames.clips])
    return cells[inputs.frames.clip]


def make_warm_start(other: StudyInputs, plan: FitConfig, path: str | os.PathLike) -> Path:
    r"""Trains a net on all five settings of another actor's frames and writes its weights.

    Args:
        other: pictures of actors who are not in the study.
        plan: network, epochs …; its ``weights`` are ignored.
        path: ``.safetensors`` file for :func:`build_classifier`'s ``weights``; a file that is there is kept.

    Raises:
        ValueError: it did not learn: the loss did not fall.
    """
    path = Path(path)
    if path.exists():
        return path
    pictures = np.concatenate([other.pictures[name] for name in RENDERINGS])
    labels = np.tile(cell_labels(other), len(RENDERINGS))
    net, losses = train_classifier(
        pictures, labels, np.arange(len(labels)), len(CELLS), replace(plan, weights="")
    )
    if not losses[-1] < losses[0]:
        raise ValueError(
            f"the warm start did not learn: its loss went from {losses[0]:.2f} to {losses[-1]:.2f}"
        )
    return save_classifier(net[1], plan.network, path)
