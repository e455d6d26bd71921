r"""The loop of optimiser steps that every network but the generator is fitted by.

It can be stopped and gone on with to the bit. The generator has a loop of its own
(:class:`~dnt_core.training.generator_training.GeneratorTraining`), because it runs on several devices, lays
its weights out anew while it trains and reports a PSNR: these would be options here that nothing else takes.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import signal
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dnt_core.checkpoint import read_checkpoint, write_checkpoint


class StepTraining(ABC):
    r"""A training between two steps.

    A step's random numbers come from a ``torch.Generator`` among the parts, or from :meth:`random_of_step`.
    So a training that was stopped does what an uninterrupted one does.

    Args:
        identity: JSON-able; what must be the same for a resumed training to be the same training, such as its
            ``config`` and the :func:`data_key` of its ``data``.
        steps: in all, at least 1.
        seed: of batches and noise.

    Attributes:
        step: updates so far.
        seconds, cpu_seconds: that they took, those of stopped runs included.
        history: name of a loss → one value per step that has this loss.

    Raises:
        ValueError: no step.
    """

    def __init__(self, identity: Mapping[str, Any], steps: int, seed: int) -> None:
        if steps < 1:
            raise ValueError(f"a training needs at least 1 step, got {steps}")
        self.identity = json.loads(json.dumps(dict(identity)))  # as a checkpoint gives it back
        self.steps, self.seed = steps, seed
        self.step, self.seconds, self.cpu_seconds = 0, 0.0, 0.0
        self.history: dict[str, list[float]] = {}

    @abstractmethod
    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer | torch.Generator]:
        r"""Networks, optimisers and random generators by name, all that a checkpoint keeps."""

    @abstractmethod
    def take_step(self) -> dict[str, float]:
        r"""One update; returns the losses by name."""

    def random_of_step(self) -> tuple[np.random.Generator, torch.Generator]:
        r"""Random numbers that follow from the seed and the step alone."""
        numbers = [self.seed, self.step]
        seed = int(np.random.SeedSequence(numbers).generate_state(1)[0])
        return np.random.default_rng(numbers), torch.Generator().manual_seed(seed)

    def run(
        self, checkpoint: str | os.PathLike | None = None, every: int = 500, stop_at: int | None = None
    ) -> Iterator[int]:
        r"""Trains to the last step, yielding the number of steps after each.

        Args:
            checkpoint: file to go on from, if it is there, and to write every so many steps, at the end and
                when interrupted.
            every: steps between two checkpoints.
            stop_at: stop after this step; None: after the last.

        Raises:
            ValueError: the checkpoint is of another training.
            FloatingPointError: a loss is not finite.
        """
        if checkpoint is not None and Path(checkpoint).exists():
            self.resume(checkpoint)
        last = self.steps if stop_at is None else min(self.steps, stop_at)
        self._set_mode(training=True)
        whole = True
        try:
            while self.step < last:
                with _interrupted_afterwards():
                    whole = False
                    start, cpu = time.perf_counter(), time.process_time()
                    self._note(self.take_step())
                    self.seconds += time.perf_counter() - start
                    self.cpu_seconds += time.process_time() - cpu
                    whole = True
                if checkpoint is not None and self.step % every == 0 and self.step < last:
                    self.save(checkpoint)
                yield self.step
        finally:
            self._set_mode(training=False)
            if checkpoint is not None and whole:
                self.save(checkpoint)

    def _note(self, losses: Mapping[str, float]) -> None:
        self.step += 1
        for name, value in losses.items():
            if not math.isfinite(value):
                raise FloatingPointError(
                    f"step {self.step}: the loss {name!r} is {value}; try a smaller learning rate"
                )
            self.history.setdefault(name, []).append(value)

    def _set_mode(self, training: bool) -> None:
        for part in self.parts().values():
            if isinstance(part, nn.Module):
                part.train(training)

    def save(self, path: str | os.PathLike) -> Path:
        r"""Writes everything the training needs to go on."""
        kept = {name: getattr(self, name) for name in ("step", "history", "seconds", "cpu_seconds")}
        return write_checkpoint(path, {**self.identity, **kept}, **self.parts())

    def resume(self, path: str | os.PathLike) -> None:
        r"""Goes on from a checkpoint.

        Args:
            path: of a file that :meth:`save` wrote.

        Raises:
            FileNotFoundError: no such file.
            ValueError: not a checkpoint, or one of another training, which is named.
        """
        found = read_checkpoint(path)
        if not isinstance(found.notes.get("history"), Mapping):
            raise ValueError(
                f"{path} is no checkpoint to go on from: it is of another network or of an older version of "
                "this package; move it away to train from the start"
            )
        for name, mine in self.identity.items():
            if (theirs := found.notes.get(name)) != mine:
                said = f"it was written with the {name} {theirs}, not {mine}"
                if name == "data":
                    said = "it learnt from other data" if theirs else "it does not say what it learnt from"
                raise ValueError(
                    f"{path} is of another training: {said}; move it away to train from the start"
                )
        found.restore(**self.parts())
        self.step, self.history = found.notes["step"], found.notes["history"]
        self.seconds, self.cpu_seconds = (found.notes.get(n, 0.0) for n in ("seconds", "cpu_seconds"))


def data_key(*parts: Tensor | np.ndarray) -> str:
    r"""A short name of what a training learns from: the same numbers, the same name.

    Args:
        parts: tensors or arrays of any shape.
    """
    digest = hashlib.sha256()
    for part in parts:
        array = np.ascontiguousarray(part.numpy(force=True) if isinstance(part, Tensor) else part)
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(array.data)
    return digest.hexdigest()[:12]


@torch.no_grad()
def update_average(averaged: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    r"""Moves a running mean of weights towards the weights; the first steps are soon forgotten.

    Args:
        averaged: changed in place.
        network: of the same kind; what its buffers count is copied.
        decay: in [0, 1); higher: a longer mean.
        step: updates so far, from 1.
    """
    keep = min(decay, step / (step + 10))
    for mean, now in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        mean.lerp_(now, 1 - keep) if mean.is_floating_point() else mean.copy_(now)


@contextmanager
def _interrupted_afterwards() -> Iterator[None]:
    r"""A Ctrl-C comes when this ends, so that a step is made as a whole; a second one comes at once."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came = False

    def later(*_: Any) -> None:
        nonlocal came
        came = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, later)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt
