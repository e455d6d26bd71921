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
from dnt_core.atomic_write import write_json
from dnt_core.clips.clip import CELLS
from dnt_core.metrics.classifier_fit import FitConfig, train_classifier
from dnt_core.metrics.expression_classifier import save_classifier
from dnt_core.plain_files import read_json
from dnt_core.rendering.five_renderings import RENDERINGS
from dnt_core.studies.where_are_expressions.cross_validation import picture_key
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
        path: ``.safetensors`` file for :func:`build_classifier`'s ``weights``; one that is there is kept
            where the ``.json`` beside it says that it was made of the same pictures and plan.

    Raises:
        ValueError: it did not learn: the loss did not fall.
    """
    path, plan = Path(path), replace(plan, weights="")
    pictures = np.concatenate([other.pictures[name] for name in RENDERINGS])
    labels = np.tile(cell_labels(other), len(RENDERINGS))
    made_of = {"plan": repr(plan), "pictures": picture_key(pictures), "labels": picture_key(labels)}
    record = path.with_suffix(".json")
    if path.exists() and record.exists() and read_json(record) == made_of:
        return path
    net, losses = train_classifier(pictures, labels, np.arange(len(labels)), len(CELLS), plan)
    if not losses[-1] < losses[0]:
        raise ValueError(
            f"the warm start did not learn: its loss went from {losses[0]:.2f} to {losses[-1]:.2f}"
        )
    record.unlink(missing_ok=True)  # it would speak for the new weights if this ended between the two
    save_classifier(net[1], plan.network, path)
    write_json(record, made_of)
    return path
