r"""What to minimise where ImageNet's VGG-19 is not at hand: the same training once with each loss.

The best one is trained once more without the unwrapped texture, to see whether that helps.

``python -m dnt_core.studies.dynamic_texture.loss_comparison`` writes ``weights/loss_comparison.json``, which
notebook 04 shows.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from dnt_core.atomic_write import write_json
from dnt_core.metrics.classifier_eval import PictureClassifiers
from dnt_core.metrics.image_metrics import drawn_by, measure, spread
from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GENERATOR_CONFIGS, GeneratorConfig
from dnt_core.parallel import machine_and_threads
from dnt_core.paths import repository_root, runs_folder
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_stages import HeldOut
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.train_config import TrainConfig
from dnt_core.training.vgg_pretraining import learn_features

LEVELS = 3  # of VGG-19, for all that use it
PLAN = TrainConfig(
    800, 8, 1e-3, 1e-3, warm_up=100, loss_levels=LEVELS, mouth_weight=10.0, light=0.2, report_every=200
)
COMPARED = ("pixel_gradient", "random_vgg19", "learnt_vgg19")


def compare(
    plans: Mapping[str, TrainConfig], data: GeneratorData, held: HeldOut, observer: PictureClassifiers,
    config: GeneratorConfig = GENERATOR_CONFIGS["quick"], test_frames: int = 200,
) -> dict[str, dict[str, float]]:  # fmt: skip
    r"""Trains the same generator on the same batches once with each plan, and measures held-out frames.

    Args:
        observer: who reads type and level off what is drawn.

    Returns:
        for each plan: :func:`~dnt_core.metrics.image_metrics.measure`'s numbers, ``ce_type``,
        ``ce_level`` (nats) and ``step_s``.
    """
    rows = spread(held.tested, test_frames)
    color = data.mean_texture(sorted(set(data.rows[held.train, 0].tolist())))
    found: dict[str, dict[str, float]] = {}
    for name, plan in plans.items():
        generator = Generator(config)
        generator.texture.set_color(color)
        training = GeneratorTraining(generator, data, held.train, rows[:8], plan)
        for progress in training.run():
            print(f"{name}: step {progress.step}, {progress.psnr:.1f} dB", flush=True)
        draw = drawn_by(training.result)
        found[name] = measure(draw, data, rows) | observer.cross_entropy(draw, data, rows)
        found[name]["step_s"] = training.seconds / plan.steps
    return found


def loss_plans(features: Path, plan: TrainConfig = PLAN) -> dict[str, TrainConfig]:
    r"""A plan for each of :data:`COMPARED`; ``features``: weights of "learnt_vgg19"."""
    own = {"pixel_gradient": {"max_gradient": 0.2}, "learnt_vgg19": {"loss_weights": str(features)}}
    return {name: replace(plan, loss=name, **own.get(name, {})) for name in COMPARED}


def best_loss(found: Mapping[str, Mapping[str, float]]) -> str:
    r"""The loss with the highest PSNR inside the face."""
    return max(found, key=lambda loss: found[loss]["psnr_face"])


def main(actor: str = "M003", image_size: int = 64, seed: int = 0) -> None:
    r"""The comparison on the built-in actor's laptop film; a minute or two a loss."""
    from dnt_core.actor.profile_film import clips_folder
    from dnt_core.clips import scan
    from dnt_core.profiles import get_profile
    from dnt_core.training.decoupling_weights import load_decoupling_network
    from dnt_core.training.generator_stages import hold_out
    from dnt_core.training.preprocessing import DataConfig, prepare_data

    start, work = time.time(), runs_folder() / "loss_comparison"
    film = clips_folder(get_profile("laptop"), actors=(actor,))
    clips = [clip for clip in scan(film).clips if clip.actor == actor]
    network = load_decoupling_network(f"{actor}_speech")
    data = prepare_data(clips, work, DataConfig(image_size=image_size), network)
    held, features = hold_out(data, seed), work / "learnt_vgg19.safetensors"
    learnt = learn_features(data, held.train, features, LEVELS, seed=seed)
    observer = PictureClassifiers.fit(data, spread(held.train, 600))
    plans = loss_plans(features, replace(PLAN, seed=seed))
    found = compare(plans, data, held, observer)
    best = best_loss(found)
    without = compare({best: replace(plans[best], color_weight=0.0)}, data, held, observer)
    film_itself = observer.cross_entropy(lambda batch: batch.target, data, spread(held.tested, 200))
    sizes = f"{PLAN.steps} steps of {PLAN.batch_size} frames at {image_size} px"
    tested = len(np.unique(data.rows[held.tested, 0]))
    record = {
        "command": "python -m dnt_core.studies.dynamic_texture.loss_comparison",
        "seed": seed,
        "machine": machine_and_threads(),
        "seconds": round(time.time() - start),
        "trained": f"{sizes}, VGG-19 to relu{LEVELS}_1",
        "measured_on": f"{tested} held-out clips of the built-in synthetic actor",
        "learnt_features_cross_entropy": learnt,
        "losses": _rounded(found) | _rounded({"filmed frames": film_itself}),
        "best": best,
        "texture_colors": _rounded({"supervised": found[best], "not supervised": without[best]}),
    }
    write_json(repository_root() / "weights" / "loss_comparison.json", record)


def _rounded(found: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {name: {key: round(value, 4) for key, value in row.items()} for name, row in found.items()}


if __name__ == "__main__":
    main()
