r"""Train a decoupling network, measure it on held-out clips, write both: ``dnt train decoupling``."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable

import torch

from dnt_core.clips.expression_frames import ExpressionFrames
from dnt_core.face3d import MorphableModel
from dnt_core.studies.decoupling.baselines import identity_map
from dnt_core.studies.decoupling.report import DecouplingStudy
from dnt_core.training.decoupling import DecouplingConfig, DecouplingTraining, train_decoupling
from dnt_core.training.decoupling_losses import MouthLandmarks
from dnt_core.training.decoupling_weights import save_decoupling_network


def train_and_save(
    out: str | os.PathLike,
    frames: ExpressionFrames,
    model: MorphableModel,
    config: DecouplingConfig,
    command: str = "",
    checkpoint: str | os.PathLike | None = None,
    progress: Callable[[DecouplingTraining], None] | None = None,
) -> dict[str, float]:
    r"""Hold out a fifth of the clips, train on the rest, measure, write ``out`` and the ``.json`` beside it.

    Args:
        out: ends in ``.safetensors``. frames: of one actor, or of several.
        command: how this was called, for the record.
        checkpoint: see :func:`~dnt_core.training.decoupling.train_decoupling`.

    Returns:
        the metrics that were written.
    """
    train, test = frames.split(seed=config.seed)
    started = time.perf_counter()
    training = train_decoupling(train, model, config, checkpoint, progress=progress)
    seconds = time.perf_counter() - started
    made_with = {
        "command": command,
        "seed": config.seed,
        "machine": f"{platform.machine()}, {torch.get_num_threads()} thread(s)",
        "torch": torch.__version__,
        "seconds": round(seconds, 1),
        "face_model": model.name,
        "actors": sorted({clip.actor for clip in frames.clips}),
        "clips": {"train": len(train.clips), "test": len(test.clips)},
        "measured_on": "held-out clips; inputs as reconstructed, noise included",
    }
    save_decoupling_network(out, training, made_with)  # before it is measured: the training is safe
    study = DecouplingStudy.prepare(train, test, MouthLandmarks(model))
    before, after = study.measure(identity_map()), study.measure(training.result)
    metrics = {f"before.{k}": v for k, v in before.to_dict().items() if v == v}
    metrics |= {f"after.{k}": v for k, v in after.to_dict().items() if v == v}
    rounded = {name: round(value, 4) for name, value in metrics.items()}
    save_decoupling_network(out, training, made_with | {"metrics": rounded})
    return metrics
