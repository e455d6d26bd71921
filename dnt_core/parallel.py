r"""Independent pieces of work in threads, side by side; inside each torch computes alone."""

from __future__ import annotations

import os
import platform
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any

import torch
from tqdm.auto import tqdm


def run_parallel(
    work: Callable[..., Any], pieces: Sequence[tuple], what: str, unit: str, jobs: int | None = None,
    progress: bool = True, first_alone: bool = False,
) -> None:  # fmt: skip
    r"""Runs ``work(*piece)`` for every piece; the first error stops the rest and is raised.

    It is raised once the pieces that were begun have ended: a thread that went on while the process ends
    would abort it.

    Args:
        what, unit: the bar's words: "UV maps", "clip".
        jobs: threads; default one for every core. More: more memory, faster up to the number of cores.
        progress: show a bar.
        first_alone: the first piece is done before the others begin, where all would otherwise build the
            same meshes and compile the same kernels at the same time.
    """
    if not pieces:
        return
    jobs = jobs or os.cpu_count() or 1
    head, rest = (pieces[:1], pieces[1:]) if first_alone else ((), pieces)
    if jobs == 1:
        head, rest = pieces, ()
    with torch_threads(1), tqdm(desc=what, total=len(pieces), unit=unit, disable=not progress) as bar:
        for piece in head:
            work(*piece)
            bar.update()
        if rest:
            _side_by_side(work, rest, jobs, bar.update, lambda: _said(bar, unit))


def _said(bar: tqdm, unit: str) -> None:
    if not bar.disable:
        bar.write(f"stopping as soon as each {unit} that was begun is done", file=sys.stderr)


def _side_by_side(work, pieces: Sequence[tuple], jobs: int, done: Callable, stopping: Callable) -> None:
    stopped = threading.Event()

    def one(piece: tuple) -> None:
        if stopped.is_set():
            return
        try:
            work(*piece)
        except BaseException:
            stopped.set()  # before this thread, or another, takes the next piece
            raise

    with ThreadPoolExecutor(jobs) as pool:  # waits at its end for what was begun
        running = [pool.submit(one, piece) for piece in pieces]
        try:
            for piece in as_completed(running):
                piece.result()
                done()
        except BaseException as error:
            stopped.set()
            if isinstance(error, KeyboardInterrupt):
                stopping()
            raise


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
