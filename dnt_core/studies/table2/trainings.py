r"""The fourteen trainings: four methods from three seeds each and two second steps, in one folder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from dnt_core.atomic_write import write_json
from dnt_core.checkpoint import network_key
from dnt_core.clips import Clip, read_face_cache
from dnt_core.face3d import face_model_family
from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GENERATOR_CONFIGS, GeneratorConfig
from dnt_core.parallel import torch_threads
from dnt_core.studies.table2.two_steps import SECOND_STEPS, save_second_step
from dnt_core.training.ablations import ABLATIONS
from dnt_core.training.exprgan_training import ExprGANPlan, ExprGANTraining
from dnt_core.training.face_crops import FaceCrops
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_stages import RECIPES
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.generator_weights import save_generator
from dnt_core.training.preprocessing import DataConfig, prepare_data
from dnt_core.training.stargan_training import StarGANPlan, StarGANTraining
from dnt_core.training.train_config import TrainConfig

SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Job:
    r"""One training: a method by name, and its seed."""

    method: str
    seed: int = 0

    @property
    def key(self) -> str:
        r"""Its files' name."""
        return f"{self.method}_{self.seed}"

    def weights(self, folder: Path) -> Path:
        r"""Where its weights go."""
        return folder / f"{self.key}.safetensors"


@dataclass(frozen=True)
class TrainingPlan:
    r"""What all trainings share.

    Attributes:
        actor: whose.
        config: sizes of the generator before a part is left out.
        plan: of the generators; the seed is each training's own.
        seeds: of the four methods; the second steps have the first.
        second_batch: faces per update of the second steps.
        second_rounds: updates of the second steps per update of the others: they learn slowly, as networks do
            that are judged by another one.
    """

    actor: str
    config: GeneratorConfig
    plan: TrainConfig
    seeds: tuple[int, ...] = SEEDS
    second_batch: int = 4
    second_rounds: int = 2

    @classmethod
    def of(cls, profile: str, actor: str, steps: int | None = None, seeds: tuple[int, ...] = SEEDS):
        r"""The plan of a profile: that of ``dnt train generator``, with as many steps as are asked for."""
        recipe = RECIPES["laptop_128" if profile == "laptop" else profile]
        plan = recipe.stages[0].plan
        plan = replace(plan, steps=steps or plan.steps, report_every=100, test_frames=1)
        config = GENERATOR_CONFIGS["laptop_128" if profile == "laptop" else profile]
        return cls(actor, config, plan, tuple(seeds), plan.batch_size)

    def steps_of(self, job: Job) -> int:
        r"""How many updates a training makes."""
        return self.plan.steps * (self.second_rounds if job.method in SECOND_STEPS else 1)

    def jobs(self) -> list[Job]:
        r"""All trainings, the most telling first: every method once, then the other seeds."""
        first, *others = self.seeds
        once = [Job(name, first) for name in (*ABLATIONS, *SECOND_STEPS)]
        return once + [Job(name, seed) for seed in others for name in ABLATIONS]


class SharedData:
    r"""What the trainings read: the same clips once with f_d's geometry and once as reconstructed.

    Args:
        clips: that train; all of their frames do.
        folder: of the prepared clips, which are read through the file system's memory map.
        image_size: px. decoupling: f_d.
    """

    def __init__(
        self, clips: Sequence[Clip], folder: Path, image_size: int, decoupling: nn.Module | None,
        progress: bool = True,
    ) -> None:  # fmt: skip
        plan = DataConfig(image_size=image_size, texture_share=1.0)
        self.image_size = image_size
        self.decoupling = decoupling
        self.face_model = face_model_family(read_face_cache(clips[0].face_cache).face_model)
        self.decoupled = prepare_data(clips, folder, plan, decoupling, progress=progress)
        self.reconstructed = (
            prepare_data(clips, folder, plan, None, progress=progress) if decoupling else self.decoupled
        )

    def of(self, decoupled: bool) -> GeneratorData:
        r"""With f_d's geometry, or as reconstructed."""
        return self.decoupled if decoupled else self.reconstructed


Tell = Callable[[Job, int, int], None]  # a training, its step, its steps


def run_job(job: Job, plan: TrainingPlan, data: SharedData, folder: Path, tell: Tell | None = None) -> Path:
    r"""Trains, or goes on where the training was stopped; writes the weights and ``<key>.json`` with its
    CPU seconds. What is there already is left as it is."""
    out = job.weights(folder)
    if out.exists():
        return out
    clock = _Clock(out.with_suffix(".json"))
    with torch_threads(1):
        run = _run_second_step if job.method in SECOND_STEPS else _run_generator
        run(
            job, plan, data, folder, lambda step: (clock.note(), tell and tell(job, step, plan.steps_of(job)))
        )
    clock.note()
    return out


def _run_generator(job, plan, data, folder, report) -> None:
    ablation = ABLATIONS[job.method]
    shared = data.of(ablation.decoupled)
    generator = Generator(ablation.apply(plan.config, job.seed))
    generator.texture.set_color(shared.mean_texture())
    rows = np.arange(len(shared))
    training = GeneratorTraining(generator, shared, rows, rows[:0], replace(plan.plan, seed=job.seed))
    for progress in training.run(folder / f"{job.key}.checkpoint.safetensors"):
        report(progress.step)
    network = data.decoupling if ablation.decoupled else None
    notes = _notes(job, plan, data) | {
        "decoupling": None if network is None else network_key(network),
        "ablation": job.method,
    }
    save_generator(job.weights(folder), training.result, notes, half=True)


def _run_second_step(job, plan, data, folder, report) -> None:
    shared = data.decoupled
    crops = FaceCrops.of(shared, np.arange(len(shared)))
    common = {"steps": plan.steps_of(job), "batch_size": plan.second_batch, "seed": job.seed}
    training: StarGANTraining | ExprGANTraining
    if job.method == "stargan":
        training = StarGANTraining(crops, plan=StarGANPlan(**common))
    else:
        training = ExprGANTraining(crops, plan=ExprGANPlan(**common))
    for step in training.run(folder / f"{job.key}.checkpoint.safetensors", every=100):
        if step % 100 == 0 or step == training.steps:
            report(step)
    save_second_step(job.weights(folder), job.method, training.generator, _notes(job, plan, data))


def _notes(job: Job, plan: TrainingPlan, data: SharedData) -> dict[str, Any]:
    return {
        "identity": plan.actor,
        "image_size": data.image_size,
        "command": f"dnt train table2 --actor {plan.actor} --steps {plan.plan.steps} --only {job.key}",
        "face_model": data.face_model,
        "seed": job.seed,
        "steps": plan.steps_of(job),
        "torch": torch.__version__,
    }


class _Clock:
    """CPU seconds of a training, those of stopped runs included, kept in a file beside the weights."""

    def __init__(self, path: Path) -> None:
        self.path, self.start = path, time.process_time()
        self.before = json.loads(path.read_text())["cpu_seconds"] if path.exists() else 0.0

    def note(self) -> None:
        write_json(self.path, {"cpu_seconds": round(self.before + time.process_time() - self.start, 2)})
