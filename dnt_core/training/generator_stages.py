r"""A generator trained on pictures that grow: small ones teach it fast, large ones make it sharp."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from dnt_core.checkpoint import read_checkpoint
from dnt_core.clips import Clip
from dnt_core.clips.splits import split_by_clip
from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GENERATOR_CONFIGS, GeneratorConfig
from dnt_core.training.devices import is_first, rank_zero_first
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.preprocessing import DataConfig, prepare_data
from dnt_core.training.train_config import Progress, TrainConfig


@dataclass(frozen=True)
class StageConfig:
    r"""Training at one image size (px), as a ``TrainConfig`` says.

    Args:
        image_size: S px.
        plan: how this stage trains.
    """

    image_size: int
    plan: TrainConfig


@dataclass(frozen=True)
class RecipeConfig:
    r"""Sizes of the network, the stages it goes through, and the film of the actor that it takes.

    Attributes:
        film: the profile whose film it is.
        more_clips: so many further clips of each expression and level are filmed to train on; those that are
            held out are the same as without.
    """

    config: GeneratorConfig
    stages: tuple[StageConfig, ...]
    film: str = "laptop"
    more_clips: int = 0


def _plan(
    steps: int, batch_size: int, rate: float, every: int, loss: str = "pixel_gradient", warm_up: int = 0
) -> TrainConfig:
    longest = 0.2 if loss == "pixel_gradient" else 0.0  # measured for this loss alone
    return TrainConfig(
        steps,
        batch_size,
        rate,
        rate,
        warm_up=warm_up,
        max_gradient=longest,
        loss=loss,
        mouth_weight=10.0,
        report_every=every,
    )


def _shipped(steps: int, every: int, rate: float = 2e-3, warm_up: int = 0) -> TrainConfig:
    """What ``weights/sharpness_experiments.json`` found best; texels learn five times as fast as networks."""
    return TrainConfig(
        steps, 4, rate, 5 * rate, final_share=0.02, warm_up=warm_up, max_gradient=0.2, loss="pixel_gradient",
        mouth_weight=10.0, detail_weight=2.0, detail_from=0.6, light=0.05, report_every=every,
    )  # fmt: skip


def _finish(steps: int, every: int) -> TrainConfig:
    """The last steps of a large picture ask for the mouth's finest detail, too; ``weights/
    sharpness_experiments.json`` says what else was tried."""
    return replace(_shipped(steps, every, rate=5e-4), detail_from=0.0, mouth_detail_weight=20.0)


#: By name. ``laptop`` and ``laptop_128`` made the shipped weights: 4e-3 closes the attention mask, 1e-3 takes
#: twice the steps. The paper's 1e-5 is for far longer training. What starts from nothing warms up. Their
#: further clips are what sharpens the mouth: with two clips a cell to learn from, a mouth that was never
#: filmed is 2.5 dB worse than one that was. ``paper`` takes equation 6 and so needs VGG-19's weights.
RECIPES: dict[str, RecipeConfig] = {
    "nbval": RecipeConfig(GENERATOR_CONFIGS["nbval"], (StageConfig(32, _plan(4, 2, 1e-3, 2)),), "nbval"),
    "quick": RecipeConfig(
        GENERATOR_CONFIGS["quick"], (StageConfig(64, _plan(500, 8, 1e-3, 100, warm_up=50)),), "quick"
    ),
    "laptop": RecipeConfig(
        GENERATOR_CONFIGS["laptop"],
        (
            StageConfig(128, _shipped(3000, 200, warm_up=100)),
            StageConfig(256, _shipped(7000, 200, rate=1e-3)),
            StageConfig(256, _finish(2000, 200)),
        ),
        "laptop",
        more_clips=6,
    ),
    "laptop_128": RecipeConfig(
        GENERATOR_CONFIGS["laptop_128"],
        (StageConfig(128, _shipped(9000, 200, warm_up=100)),),
        "laptop",
        more_clips=6,
    ),
    "paper": RecipeConfig(
        GENERATOR_CONFIGS["paper"],
        (StageConfig(256, _plan(200_000, 8, 2e-4, 500, "vgg19", warm_up=1000)),),
        "paper",
    ),
}


@dataclass(frozen=True)
class HeldOut:
    r"""Rows of a data set: what trains, and two kinds of frames that do not.

    Attributes:
        train: the first 80 % of the training clips. within: their last 20 % (the paper's test). clips: whole
            clips that were held out.
    """

    train: np.ndarray
    within: np.ndarray
    clips: np.ndarray

    @property
    def tested(self) -> np.ndarray:
        r"""Frames to look at while training: of held-out clips where there are some."""
        return self.clips if len(self.clips) else self.within


def hold_out(data: GeneratorData, seed: int = 0, more_clips: int = 0) -> HeldOut:
    r"""Both of the paper's split and the split by clip, at once.

    A cell (actor, expression, level) with a single clip trains; where all are such, ``clips`` is empty.

    Args:
        seed: of the clips that are held out.
        more_clips: so many of each cell, the last ones, train whatever the seed.
    """
    early, late = data.split("within")
    cells: dict[tuple, list[tuple]] = {}
    for take in sorted({clip.take for clip in data.clips}):
        cells.setdefault(take[:3], []).append(take)
    open_to_both = [takes[: max(len(takes) - more_clips, 1)] for takes in cells.values()]
    chosen = {take for takes in open_to_both if len(takes) > 1 for take in takes}
    candidates = [number for number, clip in enumerate(data.clips) if clip.take in chosen]
    held = np.zeros(0, int)
    if candidates:
        _, tested = split_by_clip([data.clips[number] for number in candidates], seed=seed)
        held = np.array(candidates)[tested]
    tests = np.isin(data.rows[:, 0], held)
    train, clips = np.flatnonzero(~tests), np.flatnonzero(tests)
    return HeldOut(np.intersect1d(train, early), np.intersect1d(train, late), clips)


def train_stages(
    generator: Generator, clips: Sequence[Clip], stages: Sequence[StageConfig], prepared: Path,
    checkpoints: Path, decoupling: nn.Module | None = None, seed: int = 0,
    report: Callable[[StageConfig, Progress, GeneratorTraining], None] | None = None,
    device: torch.device | str = "cpu", fabric: Any = None, face_model: str = "", more_clips: int = 0,
    begun_from: str = "",
) -> GeneratorData:  # fmt: skip
    r"""Trains the generator in place, stage by stage; what was stopped goes on where it was.

    Args:
        generator: changed in place.
        clips: labelled clips with 3DMM parameters.
        stages: sizes and plans, in this order.
        prepared: folder of the prepared clips.
        checkpoints: folder of a checkpoint a stage.
        decoupling: see :func:`~dnt_core.training.preprocessing.prepare_data`.
        seed: of :func:`hold_out`.
        more_clips: of :func:`hold_out`.
        report: called after every ``report_every`` steps, in every process.
        device: where to compute, without Fabric.
        fabric: a launched ``lightning.fabric.Fabric``, for several devices; the first process prepares the
            clips, the others wait.
        face_model: source for ``load_face_model``; "" takes the one named in the clips' caches.
        begun_from: a name of the generator's weights, "" for fresh ones.

    Returns:
        the last stage's data.

    Raises:
        ValueError: no stage.
    """
    if not stages:
        raise ValueError("a training needs at least one stage")
    for number, stage in enumerate(stages):
        size = stage.image_size
        with rank_zero_first(fabric):
            folder, bar = prepared / f"{size}", is_first(fabric)
            plan = DataConfig(image_size=size, face_model=face_model)
            data = prepare_data(clips, folder, plan, decoupling, progress=bar)
        held = hold_out(data, seed, more_clips)
        if number == 0:
            train_clips = sorted(set(data.rows[held.train, 0].tolist()))
            generator.texture.set_color(data.mean_texture(train_clips))
        training = GeneratorTraining(
            generator, data, held.train, held.tested, stage.plan, device, fabric, begun_from
        )
        begun_from = hashlib.sha256(f"{begun_from} {stage!r}".encode()).hexdigest()[:12]  # the next stage's
        for progress in training.run(_checkpoint(checkpoints, number, stage)):
            if report:
                report(stage, progress, training)
        if training.result is not generator:
            generator.load_state_dict(training.result.state_dict())
    return data


def seconds_trained(checkpoints: Path, stages: Sequence[StageConfig]) -> float:
    r"""Seconds that the steps of all stages took, those of interrupted runs included, as the checkpoints of
    :func:`train_stages` say."""
    files = [_checkpoint(checkpoints, number, stage) for number, stage in enumerate(stages)]
    return sum(read_checkpoint(file).notes["seconds"] for file in files)


def _checkpoint(folder: Path, number: int, stage: StageConfig) -> Path:
    return folder / f"stage{number + 1}_{stage.image_size}.safetensors"
