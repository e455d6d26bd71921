r"""What a method costs: numbers that are learnt, operations and milliseconds per frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from dnt_core.parallel import torch_threads
from dnt_core.studies.table2.methods import trained_method
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.studies.table2.trainings import Job
from dnt_core.studies.table2.two_steps import SECOND_STEPS, load_second_step
from dnt_core.training.generator_data import Batch
from dnt_core.training.generator_weights import load_generator

#: Rows without a training whose cost says something: a static texture's network is that of w/o DNT.
WITHOUT_TRAINING = ("copied_neutral", "copied_frame", "neighbouring_levels", "neutral_video")

ROUNDS, FRAMES = 7, 4  # of the timing: rounds, and each method's frames in a round


def costs(
    folder: Path, done: Sequence[Job], untrained: Mapping[str, Callable[[], Method]], clips: TestClips
) -> dict[str, dict[str, float]]:
    r"""Method → parameters, GFLOP and ms per frame; of two steps together, as they are run.

    Args:
        folder: of the trainings. done: those that are finished.
        untrained: the other rows, made when they are called.
        clips: whose frames are drawn.
    """
    first: dict[str, Job] = {}
    for job in done:
        if job.method not in SECOND_STEPS or Job("ours", job.seed).weights(folder).exists():
            first.setdefault(job.method, job)
    methods = {name: trained_method(job, folder) for name, job in first.items()}
    parameters = {name: count_parameters(job, folder) for name, job in first.items()}
    for name in WITHOUT_TRAINING:
        if name in untrained:
            methods[name] = untrained[name]()
            parameters[name] = parameters["ours"] if name == "neutral_video" else 0
    taken = milliseconds(methods, clips)
    return {
        name: {
            "parameters": parameters[name],
            "gflop": round(gflop_per_frame(method, clips.data(method.decoupled).batch([0])), 4),
            "ms": round(taken[name], 2),
        }
        for name, method in methods.items()
    }


def count_parameters(job: Job, folder: Path) -> int:
    r"""Numbers that were learnt; of two steps both."""
    if job.method in SECOND_STEPS:
        network = load_second_step(job.weights(folder))[1]
        return sum(p.numel() for p in network.parameters()) + count_parameters(Job("ours", job.seed), folder)
    return sum(p.numel() for p in load_generator(job.weights(folder))[0].parameters())


@torch.no_grad()
def gflop_per_frame(method: Method, batch: Batch) -> float:
    r"""10⁹ multiplications and additions of the matrix products and convolutions of one frame."""
    with FlopCounterMode(display=False) as counter:
        method.draw(batch)
    return counter.get_total_flops() / 1e9 / len(batch.target)


@torch.no_grad()
def milliseconds(methods: Mapping[str, Method], clips: TestClips) -> dict[str, float]:
    r"""CPU milliseconds per frame on one thread, one frame at a time, the methods in turns so that a busy
    machine slows all alike; the median over the rounds.

    Args:
        methods: by name.
        clips: whose frames are drawn.
    """
    taken: dict[str, list[float]] = {name: [] for name in methods}
    batches = {kind: [clips.data(kind).batch([row]) for row in np.arange(FRAMES)] for kind in (True, False)}
    with torch_threads(1):
        for _ in range(ROUNDS + 1):
            for name, method in methods.items():
                start = time.process_time()
                for batch in batches[method.decoupled]:
                    method.draw(batch)
                taken[name].append(1000 * (time.process_time() - start) / FRAMES)
    return {name: float(np.median(values[1:])) for name, values in taken.items()}
