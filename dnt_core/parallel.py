r"""Independent pieces of work in threads, side by side; inside each torch computes alone."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from joblib import Parallel, delayed
from tqdm.auto import tqdm


def run_parallel(
    work: Callable[..., Any], pieces: Sequence[tuple], what: str, unit: str, jobs: int | None = None,
    progress: bool = True, first_alone: bool = False,
) -> None:  # fmt: skip
    r"""Runs ``work(*piece)`` for every piece; the first error stops the rest and is raised.

    Args:
        what, unit: the bar's words: "UV maps", "clip".
        jobs: threads; default one for every core. More: more memory, faster up to the number of cores.
        progress: show a bar.
        first_alone: the first piece is done before the others begin, where all would otherwise build the
            same meshes and compile the same kernels at the same time.
    """
    if not pieces:
        return
    head, rest = (pieces[:1], pieces[1:]) if first_alone else ((), pieces)
    with torch_threads(1), tqdm(desc=what, total=len(pieces), unit=unit, disable=not progress) as bar:
        for piece in head:
            work(*piece)
            bar.update()
        pool = Parallel(jobs or os.cpu_count() or 1, backend="threading", return_as="generator_unordered")
        for _ in pool(delayed(work)(*piece) for piece in rest):
            bar.update()


def machine_and_threads() -> str:
    r"""What records of trainings and measurements say of the machine: its kind, and torch's threads."""
    return f"{platform.machine()}, {torch.get_num_threads()} thread(s)"


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    r"""Torch computes with this many threads inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
