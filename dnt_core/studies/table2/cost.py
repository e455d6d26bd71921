r"""What a method costs: numbers that are learnt, operations and milliseconds per frame."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from dnt_core.parallel import torch_threads
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.training.generator_data import Batch


@torch.no_grad()
def gflop_per_frame(method: Method, batch: Batch) -> float:
    r"""10⁹ multiplications and additions of the matrix products and convolutions of one frame."""
    with FlopCounterMode(display=False) as counter:
        method.draw(batch)
    return counter.get_total_flops() / 1e9 / len(batch.target)


@torch.no_grad()
def milliseconds(
    methods: Mapping[str, Method], clips: TestClips, rounds: int = 7, frames: int = 4, threads: int = 1
) -> dict[str, float]:
    r"""CPU milliseconds per frame, one frame at a time, the methods in turns so that a busy machine slows
    all alike; the median over the rounds.

    Args:
        methods: by name.
        clips: whose frames are drawn.
        rounds: more: steadier.
        frames: per method and round.
        threads: of torch.
    """
    taken: dict[str, list[float]] = {name: [] for name in methods}
    batches = {kind: [clips.data(kind).batch([row]) for row in np.arange(frames)] for kind in (True, False)}
    with torch_threads(threads):
        for _ in range(rounds + 1):
            for name, method in methods.items():
                start = time.process_time()
                for batch in batches[method.decoupled]:
                    method.draw(batch)
                taken[name].append(1000 * (time.process_time() - start) / frames)
    return {name: float(np.median(values[1:])) for name, values in taken.items()}
