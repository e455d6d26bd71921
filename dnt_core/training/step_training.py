r"""A loop of optimiser steps that can be stopped and gone on with to the bit."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from dnt_core.checkpoint import read_checkpoint, write_checkpoint


class StepTraining(ABC):
    r"""What the trainings of the adversarial baselines share.

    A step's random numbers follow from seed and step alone, so a training that was stopped does what an
    uninterrupted one does.

    Args:
        identity: JSON-able; what must be the same for a resumed training to be the same training.
        steps: in all.
        seed: of batches and noise.
        report_every: steps between two checkpoints.
    """

    def __init__(self, identity: Mapping[str, Any], steps: int, seed: int, report_every: int = 100) -> None:
        if steps < 1 or report_every < 1:
            raise ValueError(
                f"a training needs steps and report_every of 1 or more, got {steps}, {report_every}"
            )
        self.identity, self.steps, self.seed, self.report_every = dict(identity), steps, seed, report_every
        self.step, self.seconds, self.history = 0, 0.0, []

    @abstractmethod
    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        r"""Networks and optimisers by name, all that a checkpoint keeps."""

    @abstractmethod
    def take_step(self, rng: np.random.Generator, torch_rng: torch.Generator) -> dict[str, float]:
        r"""One step; returns the losses by name."""

    def run(self, checkpoint: str | os.PathLike | None = None) -> Iterator[int]:
        r"""Trains to the last step, yielding the step at every report.

        Args:
            checkpoint: written at every report; if it is there already, the training goes on from it.

        Raises:
            ValueError: the checkpoint is of another training, or a loss that is not finite.
        """
        if checkpoint and Path(checkpoint).exists():
            self.resume(checkpoint)
        while self.step < self.steps:
            start = time.process_time()
            numbers = [self.seed, self.step]
            losses = self.take_step(
                np.random.default_rng(numbers),
                torch.Generator().manual_seed(int(np.random.SeedSequence(numbers).generate_state(1)[0])),
            )
            if not all(np.isfinite(value) for value in losses.values()):
                raise ValueError(f"a loss is not finite at step {self.step}: {losses}")
            self.step += 1
            self.seconds += time.process_time() - start
            if self.step % self.report_every == 0 or self.step == self.steps:
                self.history.append({"step": self.step, **losses})
                if checkpoint:
                    self.save(checkpoint)
                yield self.step
        for part in self.parts().values():
            if isinstance(part, nn.Module):
                part.eval()

    def save(self, path: str | os.PathLike) -> Path:
        r"""Writes everything the training needs to go on."""
        notes = {
            "identity": self.identity, "step": self.step, "seconds": self.seconds, "history": self.history
        }  # fmt: skip
        return write_checkpoint(path, notes, **self.parts())

    def resume(self, path: str | os.PathLike) -> None:
        r"""Goes on from a checkpoint; ValueError if it is of another training, which is named."""
        found = read_checkpoint(path)
        theirs = found.notes.get("identity", {})
        differ = [name for name, value in self.identity.items() if theirs.get(name) != value]
        if differ:
            raise ValueError(
                f"{path} is of another training: its {differ[0]} is not {self.identity[differ[0]]!r}"
            )
        found.restore(**self.parts())
        self.step, self.seconds = found.notes["step"], found.notes["seconds"]
        self.history = list(found.notes["history"])
