r"""``dnt train generator`` on clips of the toy face; as a process to be killed, or to be run by torchrun.

Arguments: folder of clips, weights to write, and the step of the last stage in which the process kills itself
as ``kill -9`` would, 0 for never. The toy model and tiny inputs must be importable (``PYTHONPATH``).
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import torch

from dnt_core.training import generator_command, generator_measures, generator_stages, preprocessing
from dnt_core.training.generator_stages import RecipeConfig, StageConfig
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.train_config import TrainConfig
from tests.face3d.toy_model import toy_model
from tests.networks.generator_inputs import TINY

PLAN = TrainConfig(4, 2, 1e-3, 1e-3, loss="pixel_gradient", report_every=2, test_frames=2)
STAGES = (StageConfig(16, PLAN), StageConfig(32, replace(PLAN, steps=7, report_every=3)))
RECIPE = RecipeConfig(replace(TINY, texture_size=16, width=4), STAGES)


def train(folder: str, out: str, patch=setattr, **options) -> dict[str, float]:
    r"""The command, with a recipe of seconds; ``patch`` is pytest's where it must be undone."""
    face = toy_model()
    for module in (preprocessing, generator_measures):
        patch(module, "load_face_model", lambda source: face)
    patch(generator_stages, "RECIPES", {"tiny": RECIPE})
    patch(generator_command, "RECIPES", {"tiny": RECIPE})
    return generator_command.train_with_progress(
        "M003", Path(folder), Path(out), "tiny", test_frames=4, **options
    )


def kill_in_step(last: int) -> None:
    r"""This process ends, without a word, after that step of the second stage and before its report."""
    take_step = GeneratorTraining.take_step

    def step_and_die(training):
        loss = take_step(training)
        if training.step == last and training.plan.steps == STAGES[-1].plan.steps:
            os.kill(os.getpid(), signal.SIGKILL)
        return loss

    GeneratorTraining.take_step = step_and_die


if __name__ == "__main__":
    torch.set_num_threads(1)
    folder, out, killed = sys.argv[1:]
    if int(killed):
        kill_in_step(int(killed))
    print(f"measured {len(train(folder, out))} numbers", flush=True)
