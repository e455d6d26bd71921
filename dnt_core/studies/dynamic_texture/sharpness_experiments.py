r"""Why are drawn pictures soft beside film, and what makes them sharp? One short training, changed in turn.

``python -m dnt_core.studies.dynamic_texture.sharpness_experiments`` writes
``weights/sharpness_experiments.json``, which notebook 04 may show: two minutes an experiment on one core;
those that are finished are not run again.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dnt_core.atomic_write import write_json
from dnt_core.clips import Clip, scan
from dnt_core.face3d import load_face_model
from dnt_core.metrics.image_metrics import drawn_by, measure, spread
from dnt_core.metrics.sharpness import sharpness, skin_texels
from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GENERATOR_CONFIGS
from dnt_core.parallel import machine_and_threads
from dnt_core.paths import repository_root, runs_folder
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_stages import HeldOut, hold_out
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.preprocessing import DataConfig, prepare_data
from dnt_core.training.train_config import TrainConfig

SIZE, FRAMES, MORE_CLIPS = 128, 120, 6
#: How the generators of version 0.2 were trained, but for the steps, and their sizes.
BEFORE = TrainConfig(
    1000, 4, 1e-3, 1e-3, warm_up=100, max_gradient=0.2, loss="pixel_gradient", mouth_weight=10.0, light=0.2,
    report_every=250, test_frames=8,
)  # fmt: skip
SIZES_BEFORE: dict[str, Any] = {"bases": 10, "basis_size": 48}
_RATES = {"light": 0.05, "learning_rate": 2e-3, "texture_learning_rate": 1e-2}
_DETAIL = {"detail_weight": 2.0, "detail_from": 0.6}
_FINE = {"bases": 8, "basis_size": 56}


@dataclass(frozen=True)
class Experiment:
    r"""What is changed.

    Attributes:
        plan: fields of ``TrainConfig``. sizes: of ``GeneratorConfig``. more_clips: train on all of a film of
            three and :data:`MORE_CLIPS` clips a cell. geometry: see ``DataConfig``; "": f_d's.
    """

    plan: Mapping[str, Any] = field(default_factory=dict)
    sizes: Mapping[str, Any] = field(default_factory=dict)
    more_clips: bool = False
    geometry: str = ""


EXPERIMENTS: dict[str, Experiment] = {
    "as before": Experiment(),
    # one change each
    "true geometry of speech": Experiment(geometry="speech"),
    "no other light": Experiment({"light": 0.0}),
    "running mean of the weights, rates fall to 0": Experiment({"averaging": 0.99, "final_share": 0.0}),
    "mouths count alike": Experiment({"mouth_weight": 0.0, "mouth_error_weight": 0.15}),
    "networks and texels twice as fast": Experiment({"learning_rate": 2e-3, "texture_learning_rate": 2e-3}),
    "texels five times as fast": Experiment({"texture_learning_rate": 5e-3}),
    "strength of detail": Experiment({"detail_weight": 2.0}),
    # one upon the other
    "1: little other light, texels ten times as fast": Experiment(
        {"light": 0.05, "texture_learning_rate": 1e-2}
    ),
    "2: networks twice as fast, too": Experiment(_RATES),
    "3: fewer, finer bases, too": Experiment(_RATES, _FINE),
    "4: strength of detail, too": Experiment(_RATES | _DETAIL, _FINE),
    # long enough to learn clips by heart
    "as before, 3200 steps": Experiment({"steps": 3200}),
    "as before, more clips, 3200 steps": Experiment({"steps": 3200}, more_clips=True),
    "all changes, 3200 steps": Experiment(
        {"steps": 3200, "final_share": 0.02, **_RATES, **_DETAIL}, _FINE, more_clips=True
    ),
}


def run_experiment(
    experiment: Experiment, data: GeneratorData, held: HeldOut, checkpoint: Path
) -> dict[str, float]:
    r"""Trains a generator from nothing and measures it.

    Args:
        checkpoint: goes on from it if it is there.

    Returns:
        ``held_out.<name>`` of clips never seen and ``train.<name>`` of training frames, with the names of
        :func:`~dnt_core.metrics.image_metrics.measure` and :func:`~dnt_core.metrics.sharpness.sharpness`,
        and ``step_ms``.
    """
    plan = replace(BEFORE, **experiment.plan)
    generator = Generator(replace(GENERATOR_CONFIGS["laptop_128"], **SIZES_BEFORE | dict(experiment.sizes)))
    train_clips = sorted(set(data.rows[held.train, 0].tolist()))
    generator.texture.set_color(data.mean_texture(train_clips))
    training = GeneratorTraining(generator, data, held.train, held.clips, plan)
    for progress in training.run(checkpoint):
        print(f"  step {progress.step}: {progress.psnr:.2f} dB", file=sys.stderr, flush=True)
    draw, found = drawn_by(training.result), {}
    skin = skin_texels(load_face_model("procedural"))
    for kind, rows in (("held_out", held.clips), ("train", held.train)):
        rows = spread(rows, FRAMES)
        values = measure(draw, data, rows) | sharpness(draw, data, rows, skin)
        found |= {f"{kind}.{name}": round(value, 4) for name, value in values.items()}
    return found | {"step_ms": round(1000 * training.seconds / plan.steps, 1)}


def film_for(actor: str, more_clips: bool) -> list[Clip]:
    r"""The actor's clips of the laptop film, and the further ones if asked for; filmed if missing."""
    from dnt_core.training.generator_command import film_of
    from dnt_core.training.generator_stages import RECIPES

    recipe = replace(RECIPES["laptop_128"], more_clips=MORE_CLIPS if more_clips else 0)
    return [clip for clip in scan(film_of(actor, recipe)).clips if clip.actor == actor]


def main(actor: str = "M003") -> None:
    r"""All experiments on the built-in actor."""
    work = runs_folder() / "sharpness_experiments"
    network, found = load_decoupling_network(f"{actor}_speech"), {}
    for number, (name, experiment) in enumerate(EXPERIMENTS.items()):
        done = work / f"{number:02d}.json"
        if not done.exists():
            print(name, file=sys.stderr, flush=True)
            plan = DataConfig(SIZE, geometry=experiment.geometry or "reconstructed")
            f_d = None if experiment.geometry else network
            data = prepare_data(film_for(actor, experiment.more_clips), work / "prepared", plan, f_d)
            held = hold_out(data, more_clips=MORE_CLIPS if experiment.more_clips else 0)
            row = run_experiment(experiment, data, held, work / f"{number:02d}.safetensors")
            write_json(done, {"name": name, **row})
        found[name] = json.loads(done.read_text())
        found[name].pop("name")
    record = {
        "command": "python -m dnt_core.studies.dynamic_texture.sharpness_experiments",
        "machine": machine_and_threads(),
        "date": time.strftime("%Y-%m-%d"),
        "trained": f"{BEFORE.steps} steps of {BEFORE.batch_size} frames at {SIZE} px but where said",
        "measured_on": f"{FRAMES} frames each of held-out and of training clips, {actor}, synthetic",
        "experiments": found,
    }
    write_json(repository_root() / "weights" / "sharpness_experiments.json", record)


if __name__ == "__main__":
    main()
