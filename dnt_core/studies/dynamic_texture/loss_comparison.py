r"""Which loss to train with where ImageNet's VGG-19 is not at hand: the same short training with each.

``python -m dnt_core.studies.dynamic_texture.loss_comparison`` writes ``weights/loss_comparison.json``, which
notebook 04 shows.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from dnt_core.atomic_write import write_json
from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GENERATOR_SIZES, GeneratorConfig
from dnt_core.studies.dynamic_texture.held_out import drawn_by, measure, spread
from dnt_core.studies.dynamic_texture.observer import Observer
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_stages import HeldOut
from dnt_core.training.generator_training import GeneratorTraining, TrainingPlan
from dnt_core.training.learnt_features import learn_features

LEVELS = 3  # of VGG-19, for all that use it
PLAN = TrainingPlan(300, 8, 1e-3, 1e-3, report_every=100, loss_levels=LEVELS, mouth_weight=10.0)
COMPARED = ("pixel_gradient", "random_vgg19", "learnt_vgg19")


def compare_losses(
    data: GeneratorData, held: HeldOut, features: Path, observer: Observer, plan: TrainingPlan = PLAN,
    config: GeneratorConfig = GENERATOR_SIZES["quick"], test_frames: int = 200,
) -> dict[str, dict[str, float]]:  # fmt: skip
    r"""Trains the same generator on the same batches once with each loss, and measures held-out frames.

    Args:
        features: weights of "learnt_vgg19". observer: who reads type and level off what is drawn.
        plan: its ``loss`` and ``loss_weights`` are set here.

    Returns:
        for each of :data:`COMPARED`: :func:`~dnt_core.studies.dynamic_texture.held_out.measure`'s numbers,
        ``ce_type``, ``ce_level`` (nats) and ``step_s``; under "filmed frames" the observer's on the truth.
    """
    rows = spread(held.tested, test_frames)
    found: dict[str, dict[str, float]] = {}
    for loss in COMPARED:
        generator = Generator(config)
        generator.texture.set_color(data.mean_texture(sorted(set(data.rows[held.train, 0].tolist()))))
        named = replace(plan, loss=loss, loss_weights=str(features) if loss == "learnt_vgg19" else "")
        training = GeneratorTraining(generator, data, held.train, rows[:8], named)
        for _ in training.run():
            pass
        draw = drawn_by(generator)
        found[loss] = measure(draw, data, rows) | observer.cross_entropy(draw, data, rows)
        found[loss]["step_s"] = training.seconds / plan.steps
    found["filmed frames"] = observer.cross_entropy(lambda batch: batch.target, data, rows)
    return found


def best_loss(found: Mapping[str, Mapping[str, float]]) -> str:
    r"""The loss with the highest PSNR inside the face."""
    return max(COMPARED, key=lambda loss: found[loss]["psnr_face"])


def main(actor: str = "M003", image_size: int = 64, seed: int = 0) -> None:
    r"""The comparison on the built-in actor's laptop film; a minute or two a loss."""
    from dnt_core.clips import scan
    from dnt_core.training.clip_preparation import DataPlan, prepare_data
    from dnt_core.training.decoupling_weights import load_decoupling_network
    from dnt_core.training.generator_stages import hold_out
    from dnt_core.workbook import clips_folder, get_profile

    start, work = time.time(), Path("runs") / "loss_comparison"
    film = clips_folder(get_profile("laptop"), actors=(actor,))
    clips = [clip for clip in scan(film).clips if clip.actor == actor]
    data = prepare_data(clips, work, DataPlan(image_size=image_size), load_decoupling_network(actor))
    held, features = hold_out(data, seed), work / "learnt_vgg19.safetensors"
    learnt = learn_features(data, held.train, features, LEVELS, seed=seed)
    observer = Observer.fit(data, spread(held.train, 600))
    plan = replace(PLAN, seed=seed)
    found = compare_losses(data, held, features, observer, plan)
    sizes = f"{plan.steps} steps of {plan.batch_size} frames at {image_size} px"
    tested = len(np.unique(data.rows[held.tested, 0]))
    rounded = {name: {key: round(value, 4) for key, value in row.items()} for name, row in found.items()}
    record = {
        "command": "python -m dnt_core.studies.dynamic_texture.loss_comparison",
        "seed": seed,
        "machine": f"{platform.machine()}, {torch.get_num_threads()} thread(s)",
        "seconds": round(time.time() - start),
        "trained": f"{sizes}, VGG-19 to relu{LEVELS}_1",
        "measured_on": f"{tested} held-out clips of the built-in synthetic actor",
        "learnt_features_cross_entropy": learnt,
        "losses": rounded,
        "best": best_loss(found),
    }
    write_json(Path("weights") / "loss_comparison.json", record)


if __name__ == "__main__":
    main()
