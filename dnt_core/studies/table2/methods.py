r"""The rows of the table: what was trained, what it is compared with, and what is trivial."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch

from dnt_core.metrics.copied_frames import FilmedBlend, NearestMouth, into_hole, lacks_neighbours
from dnt_core.metrics.image_metrics import drawn_by, spread
from dnt_core.networks.generator import Generator
from dnt_core.networks.wav2lip import load_wav2lip
from dnt_core.studies.table2.test_clips import Draw, Method, Step
from dnt_core.studies.table2.trainings import Job, SharedData, TrainingPlan
from dnt_core.studies.table2.two_steps import (
    SECOND_STEPS,
    edit_of,
    in_two_steps,
    load_second_step,
    neutral_video,
)
from dnt_core.studies.table2.wav2lip_step import edit_step, wav2lip_step
from dnt_core.training.ablations import ABLATIONS
from dnt_core.training.generator_data import Batch, GeneratorData
from dnt_core.training.generator_weights import load_generator
from dnt_core.training.static_baseline import refit, static_from

#: Rows without a training of their own, weakest first.
TRIVIAL = ("copied_neutral", "copied_frame", "neighbouring_levels", "static_texture", "neutral_video")
LABELS = {
    **{name: ablation.label for name, ablation in ABLATIONS.items()},
    "stargan": "+StarGAN",
    "exprgan": "+ExprGAN",
    "wav2lip": "Wav2Lip alone",
    "wav2lip_stargan": "Wav2Lip+StarGAN",
    "wav2lip_exprgan": "Wav2Lip+ExprGAN",
    "neutral_video": "first step alone",
    "static_texture": "static texture",
    "neighbouring_levels": "neighbouring levels",
    "copied_frame": "copied frame",
    "copied_neutral": "copied neutral frame",
}
#: Rows of the paper's own first step, where a user has Wav2Lip's checkpoint.
WITH_WAV2LIP = ("wav2lip", *(f"wav2lip_{name}" for name in SECOND_STEPS))
COPIES = 400  # training frames to copy from, at most, per expression and level


def trained_method(job: Job, folder: Path) -> Method:
    r"""The row of one training; a second step goes with the generator of its own seed."""
    if job.method in SECOND_STEPS:
        name, network, _ = load_second_step(job.weights(folder))
        generator = load_generator(Job("ours", job.seed).weights(folder))[0]
        return Method(in_two_steps(neutral_video(generator), edit_of(name, network)))
    generator = load_generator(job.weights(folder))[0]
    return Method(drawn_by(generator), ABLATIONS[job.method].decoupled)


def trivial_methods(
    data: SharedData, generator: Generator, plan: TrainingPlan
) -> dict[str, Callable[[], Method]]:
    r"""The rivals that need no training of their own, by name; each is made when it is called. Those that
    would copy frames that were not filmed are left out.

    Args:
        data: what the methods were trained on.
        generator: ours, of the first seed, from which the static texture starts.
        plan: of the trainings.
    """
    shared = data.decoupled
    rows = np.arange(len(shared))
    neutral = rows[np.array([clip.expression == "neutral" for clip in shared.clips])[shared.rows[:, 0]]]

    def static() -> Method:
        ciecs = torch.stack([torch.from_numpy(np.asarray(clip.ciec)) for clip in shared.clips])
        fitted = static_from(generator, ciecs)
        refit(fitted, shared, rows, max(1, plan.plan.steps // 10), plan.plan.batch_size)
        return Method(drawn_by(fitted))

    found: dict[str, Callable[[], Method]] = {
        "copied_neutral": lambda: Method(NearestMouth(shared, spread(neutral, COPIES))),
        # at filmed levels nothing is blended: the frame of this cell whose mouth is most alike, in its place
        "copied_frame": lambda: Method(FilmedBlend(shared, rows)),
        "neighbouring_levels": lambda: Method(FilmedBlend(shared, rows, own_level=False)),
        "static_texture": static,
        "neutral_video": lambda: Method(neutral_video(generator)),
    }
    if not len(neutral):
        del found["copied_neutral"]
    if lacks_neighbours(shared.clips):
        del found["neighbouring_levels"]
    return found


def wav2lip_methods(folder: Path, seed: int) -> dict[str, Callable[[], Method]]:
    r"""The rows whose first step is Wav2Lip's, of a user's weights, by name; each is made when it is called.

    Args:
        folder: of the trainings. seed: the first of theirs.
    """
    opened = cache(load_wav2lip)

    def made(*second: Step) -> Method:
        generator = load_generator(Job("ours", seed).weights(folder))[0]
        return Method(neutral_video(generator), then=(wav2lip_step(opened()), *second))

    def with_second(name: str) -> Method:
        network = load_second_step(Job(name, seed).weights(folder))[1]
        return made(edit_step(edit_of(name, network)))

    trained = [name for name in SECOND_STEPS if Job(name, seed).weights(folder).exists()]
    return {"wav2lip": made} | {f"wav2lip_{name}": partial(with_second, name) for name in trained}


def frozen_frame(data: GeneratorData, row: int) -> Draw:
    r"""One filmed frame for every frame, in the hole of each background: what fools PSNR."""
    still = data.batch([row]).target

    def draw(batch: Batch) -> torch.Tensor:
        return into_hole(still.expand(len(batch.target), -1, -1, -1), batch.frame)

    return draw
