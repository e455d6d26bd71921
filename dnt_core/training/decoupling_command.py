r"""``dnt train decoupling``: from names and folders on the command line to weights with their record."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm.auto import tqdm

from dnt_core.checkpoint import names_key, weights_path
from dnt_core.clips.expression_frames import ExpressionFrames, frames_from_folder
from dnt_core.face3d import MorphableModel, check_face_model, load_face_model
from dnt_core.parallel import machine_and_threads
from dnt_core.paths import runs_folder
from dnt_core.training.decoupling import (
    SMOOTH_AND_INFORMED,
    DecouplingConfig,
    DecouplingTraining,
    train_decoupling,
)
from dnt_core.training.decoupling_weights import save_decoupling_network

#: What is measured on held-out clips: (train, test, face model, f_d) → name → number.
Measure = Callable[
    [ExpressionFrames, ExpressionFrames, MorphableModel, Callable[[Tensor], Tensor]], dict[str, float]
]


def _frames(actor: str, data: Path | None, seed: int) -> ExpressionFrames:
    if data is not None:
        return frames_from_folder(data, [actor])
    from dnt_core.actor import get_person  # the actor stands beside the studies: only asked for its clips
    from dnt_core.actor.parameter_clips import acted_frames

    return acted_frames(actors=[get_person(actor).name], seed=seed)


def train_with_progress(
    actor: str,
    data: Path | None,
    out: Path | None,
    face_model: str | None,
    seed: int,
    measure: Measure,
    **changes: float | None,
) -> dict[str, float]:
    r"""Train on one actor with a bar, write weights and record, return the metrics on held-out clips.

    Args:
        actor: a name; of the built-in people when ``data`` is None. data: folder with caches of 257-vectors.
        out: ends in ``.safetensors``; None for ``runs/weights``.
        face_model: see ``load_face_model``; None takes the one that the caches name.
        seed: of clips, weights and batches. measure: what is measured on the clips held out.
        changes: fields of :class:`~dnt_core.training.decoupling.DecouplingConfig`; None leaves the default.

    Raises:
        ValueError: an unknown actor, a folder without caches, caches of another face model, a number out of
            range.
    """
    out = weights_path(out or runs_folder() / "weights" / f"decoupling_{actor}.safetensors")
    changes = {name: value for name, value in changes.items() if value is not None}
    config = replace(SMOOTH_AND_INFORMED, seed=seed, **changes)
    frames = _frames(actor, data, seed)
    check_face_model(
        face_model, frames.face_model, "--face-model", f"{data}" if data else "the built-in actor"
    )
    model = load_face_model(face_model or frames.face_model)
    asked = {**changes, **({"seed": seed} if seed else {})}
    said = "".join(f" --{name} {value:.15g}" for name, value in asked.items())
    command = f"dnt train decoupling --actor {actor}{said}" + ("" if data is None else " --data DIR")
    with tqdm(total=config.steps, desc=f"f_d of {actor}", unit="step") as bar:

        def show(training: DecouplingTraining) -> None:
            bar.update(training.step - bar.n)

        checkpoint = out.with_suffix(".checkpoint")
        return train_and_save(out, frames, model, config, measure, command, checkpoint, show)


def train_and_save(
    out: str | os.PathLike,
    frames: ExpressionFrames,
    model: MorphableModel,
    config: DecouplingConfig,
    measure: Measure,
    command: str = "",
    checkpoint: str | os.PathLike | None = None,
    progress: Callable[[DecouplingTraining], None] | None = None,
) -> dict[str, float]:
    r"""Holds out a fifth of the clips, trains on the rest, writes ``out`` and the ``.json`` beside it.

    The weights are written before they are measured, and once more with the metrics.

    Args:
        out: ends in ``.safetensors``. frames: of one actor, or of several. measure: see :data:`Measure`.
        command: how this was called, for the record.
        checkpoint: see :func:`~dnt_core.training.decoupling.train_decoupling`.

    Returns:
        the metrics that were written; undefined ones are left out.
    """
    train, test = frames.split(seed=config.seed)
    training = train_decoupling(train, model, config, checkpoint, progress=progress)
    made_with: dict[str, Any] = {
        "command": command,
        "seed": config.seed,
        "machine": machine_and_threads(),
        "torch": torch.__version__,
        "seconds": round(training.seconds, 1),
        "face_model": model.name,
        "actors": sorted({clip.actor for clip in frames.clips}),
        "clips": {"train": len(train.clips), "test": len(test.clips)},
        "clips_key": names_key(clip.name for clip in frames.clips),
    }
    save_decoupling_network(out, training, made_with)  # nothing that is measured can cost the weights
    found = {
        name: value for name, value in measure(train, test, model, training.result).items() if value == value
    }
    measured = {"measured_on": "held-out clips; inputs as reconstructed, noise included"}
    metrics = {name: round(value, 4) for name, value in found.items()}
    save_decoupling_network(out, training, made_with | measured | {"metrics": metrics})
    return found
