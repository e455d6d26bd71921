r"""Fitting the generator (section 4.2): Adam on equation 6, resumable to the bit, on one device or more."""

from __future__ import annotations

import copy
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dnt_core.checkpoint import read_checkpoint, write_checkpoint
from dnt_core.freed_memory import keep_freed_memory
from dnt_core.metrics.psnr import psnr
from dnt_core.networks.face_window import window_around
from dnt_core.networks.generator import Generator
from dnt_core.networks.neural_renderer import Rendered
from dnt_core.training.generator_data import Batch, GeneratorData
from dnt_core.training.generator_loss import generator_loss
from dnt_core.training.light_augmentation import light_fields
from dnt_core.training.perceptual_loss import make_loss
from dnt_core.training.step_training import update_average
from dnt_core.training.train_config import Progress, TrainConfig

LIGHT = 7  # names the random numbers of the light


class GeneratorTraining:
    r"""A training that can be stopped, looked at, and gone on with.

    Which frames a step sees follows from seed and step alone, and every device takes its share of the same
    batch: so a resumed run, or one on several devices, does what an uninterrupted one on one device does.

    Args:
        generator: changed in place; moved to the device.
        data: prepared clips.
        train: (N,) rows that train.
        test: (M,) rows that are only looked at.
        plan: see :class:`TrainConfig`.
        device: where to compute, without Fabric.
        fabric: a launched ``lightning.fabric.Fabric``, for several devices.
        begun_from: a name of the weights that the generator has, "" for fresh ones: a checkpoint of a
            training that began from others is refused.

    Raises:
        ValueError: no rows to train on, a batch that cannot be shared out evenly.
    """

    def __init__(
        self, generator: Generator, data: GeneratorData, train: np.ndarray, test: np.ndarray,
        plan: TrainConfig | None = None, device: torch.device | str = "cpu", fabric: Any = None,
        begun_from: str = "",
    ) -> None:  # fmt: skip
        self.begun_from = begun_from
        self.plan = plan = plan or TrainConfig()
        if not len(train):
            raise ValueError("there are no frames to train on")
        self.rank, self.world = (fabric.global_rank, fabric.world_size) if fabric else (0, 1)
        if plan.batch_size % self.world:
            raise ValueError(f"batch_size {plan.batch_size} cannot be shared by {self.world} devices evenly")
        self.data, self.train, self.fabric = data, np.asarray(train), fabric
        spread = np.linspace(0, len(test) - 1, min(plan.test_frames, len(test))).round().astype(int)
        self.test = np.asarray(test)[spread]
        self.device = fabric.device if fabric else torch.device(device)
        self.loss_name, self.loss = make_loss(plan.loss, plan.loss_levels, weights=plan.loss_weights or None)
        self.loss.to(self.device)
        self.generator = generator.to(self.device)
        self.optimizer = self._make_optimizer()
        parts = self.generator, self.optimizer
        self._model, self._stepper = fabric.setup(*parts) if fabric else parts
        self.averaged = copy.deepcopy(self.generator).requires_grad_(False) if plan.averaging else None
        self._lay_out(torch.channels_last)
        self.step, self.seconds, self.history = 0, 0.0, []
        self._since_report: list[float] = []

    def _make_optimizer(self) -> torch.optim.Adam:
        texels = [p for name, p in self.generator.texture.named_parameters() if name in ("neutral", "basis")]
        chosen = {id(p) for p in texels}
        rest = [p for p in self.generator.parameters() if id(p) not in chosen]
        groups = [
            {"params": rest, "lr": self.plan.learning_rate},
            {"params": texels, "lr": self.plan.texture_learning_rate},
        ]
        return torch.optim.Adam(groups, betas=(0.9, 0.999), fused=True)

    def _lay_out(self, layout: torch.memory_format) -> None:
        """How weights and Adam's moments lie in memory: convolutions are faster with channels last.

        Adam's fused step wants weights, moments and gradients alike, and Fabric's gradients stay as they were
        when it was set up, so with Fabric nothing changes.
        """
        if self.fabric:
            return
        for generator in filter(None, (self.generator, self.averaged)):
            generator.to(memory_format=layout)
            generator.texture.to(memory_format=torch.contiguous_format)  # is summed, not convolved
        for weight, state in self.optimizer.state.items():
            moments = {k: v for k, v in state.items() if v.shape == weight.shape}
            state.update({k: torch.empty_like(weight).copy_(v) for k, v in moments.items()})

    def rows_of_step(self, step: int) -> np.ndarray:
        r"""A step's frames, all devices together: every epoch goes through the training rows, shuffled.

        Args:
            step: from 0.

        Returns:
            (batch size,) row numbers.
        """
        places = np.arange(step * self.plan.batch_size, (step + 1) * self.plan.batch_size)
        epochs, within = places // len(self.train), places % len(self.train)
        order = {
            e: np.random.default_rng([self.plan.seed, e]).permutation(len(self.train))
            for e in set(epochs.tolist())
        }
        return self.train[[order[e][i] for e, i in zip(epochs.tolist(), within, strict=True)]]

    def batch_of_step(self, step: int) -> Batch:
        r"""This device's share of a step's frames, in the step's light.

        Args:
            step: from 0.
        """
        share, rows = slice(self.rank, None, self.world), self.rows_of_step(step)
        if not self.plan.light:
            return self.data.batch(rows[share], self.device)
        fields = light_fields(self.plan.batch_size, self.plan.light, (self.plan.seed, LIGHT, step))
        return self.data.batch(rows[share], self.device, fields[share])

    def losses(self, batch: Batch, rendered: Rendered) -> Tensor:
        r"""What the next step minimises, see :func:`~dnt_core.training.generator_loss.generator_loss`.

        Args:
            batch: B frames with their targets.
            rendered: what the generator drew of them.

        Returns:
            a scalar ().
        """
        return generator_loss(self.plan, self.loss, self.step, batch, rendered)

    def take_step(self) -> float:
        r"""One step of the optimiser; returns the loss before it.

        Raises:
            ValueError: the loss is not finite.
        """
        self._set_learning_rates()
        batch = self.batch_of_step(self.step)
        self._model.train()
        window = None
        if batch.hole_box is not None:
            size = tuple(batch.target.shape[-2:])
            window = window_around(batch.hole_box, self.generator.config.face_window, size)
        loss = self.losses(batch, self._model(batch.frame, batch.ciec, window))
        self._stepper.zero_grad(set_to_none=True)
        self.fabric.backward(loss) if self.fabric else loss.backward()
        self._cut_gradient()
        self._stepper.step()
        self.step += 1
        if self.averaged is not None:
            update_average(self.averaged, self.generator, self.plan.averaging, self.step)
        value = float(self.fabric.all_reduce(loss.detach()) if self.fabric else loss.detach())
        if not np.isfinite(value):
            raise ValueError(f"the loss became {value} at step {self.step}; a smaller learning rate may help")
        return value

    @property
    def result(self) -> Generator:
        r"""The generator to use: the running mean of the trained one where the plan averages."""
        return self.generator if self.averaged is None else self.averaged

    def _cut_gradient(self) -> None:
        if not self.plan.max_gradient:
            return
        if self.fabric:
            self.fabric.clip_gradients(self._model, self._stepper, max_norm=self.plan.max_gradient)
            return
        gradients = [p.grad for p in self.generator.parameters() if p.grad is not None]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients]))
        if norm > self.plan.max_gradient:
            torch._foreach_mul_(gradients, self.plan.max_gradient / (norm + 1e-6))

    def _set_learning_rates(self) -> None:
        plan = self.plan
        share = (1 + np.cos(np.pi * self.step / plan.steps)) / 2 if plan.decay else 1.0
        risen = min(1.0, (self.step + 1) / plan.warm_up) if plan.warm_up else 1.0
        rates = plan.learning_rate, plan.texture_learning_rate
        for group, full in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = risen * full * (plan.final_share + (1 - plan.final_share) * share)

    def run(
        self, checkpoint: str | os.PathLike | None = None, until: int | None = None
    ) -> Iterator[Progress]:
        r"""Trains to the plan's last step, or ``until``; reports every ``report_every`` steps and at the end.

        Args:
            checkpoint: written at every report; if it is there already, the run goes on from it.
            until: the step after the last; None: the plan's.
        """
        if checkpoint and Path(checkpoint).exists():
            self.resume(checkpoint)
        last = self.plan.steps if until is None else min(until, self.plan.steps)
        keep_freed_memory()
        self._lay_out(torch.channels_last)
        try:
            while self.step < last:
                start = time.perf_counter()
                self._since_report.append(self.take_step())
                self.seconds += time.perf_counter() - start
                if self.step % self.plan.report_every == 0 or self.step == last:
                    mean = float(np.mean(self._since_report))
                    self.history.append(Progress(self.step, mean, self.test_psnr(), self.seconds))
                    self._since_report = []
                    if checkpoint:
                        self.save(checkpoint)
                    yield self.history[-1]
        finally:  # as a generator that is read from a file, so that it draws the same bits
            self._lay_out(torch.contiguous_format)

    def test_psnr(self) -> float:
        r"""Mean PSNR over the chosen test frames, dB; NaN without any."""
        if not len(self.test):
            return float("nan")
        size, found = self.plan.batch_size, []
        for start in range(0, len(self.test), size):
            batch = self.data.batch(self.test[start : start + size], self.device)
            found.append(psnr(self._drawn(batch).image, batch.target))
        return float(torch.cat(found).mean())

    def render(self, rows: np.ndarray) -> Rendered:
        r"""Some rows as the generator renders them now.

        Args:
            rows: (B,) numbers of frames, from 0.
        """
        return self._drawn(self.data.batch(rows, self.device))

    @torch.no_grad()
    def _drawn(self, batch: Batch) -> Rendered:
        return self.result.eval()(batch.frame, batch.ciec)

    def save(self, path: str | os.PathLike) -> None:
        r"""Writes everything the training needs to go on; also opens with ``load_generator``.

        Args:
            path: ends in ``.safetensors``.
        """
        if self.rank == 0:
            history = [
                [p.step, p.loss, None if np.isnan(p.psnr) else p.psnr, p.seconds] for p in self.history
            ]
            notes = {
                "config": self.generator.config.to_json(), "plan": self._identity(), "step": self.step,
                "seconds": self.seconds, "history": history, "since_report": self._since_report,
            }  # fmt: skip
            mean = {} if self.averaged is None else {"averaged": self.averaged}
            write_checkpoint(path, notes, generator=self.generator, optimizer=self.optimizer, **mean)
        if self.fabric:
            self.fabric.barrier()

    def resume(self, path: str | os.PathLike) -> None:
        r"""Goes on from a checkpoint.

        Args:
            path: of a file that :meth:`save` wrote.

        Raises:
            ValueError: the checkpoint is of another plan, other data or another generator; the sentence
            says which.
        """
        found = read_checkpoint(path)
        mine = {"config": self.generator.config.to_json(), **self._identity()}
        theirs = {field.name: field.default for field in fields(self.plan)}  # what older ones do not say
        theirs |= {"begun_from": self.begun_from, "config": found.notes.get("config")}
        theirs |= found.notes.get("plan", {})
        differ = [name for name in mine if mine[name] != theirs.get(name)]
        if differ:
            said = _difference(differ[0], theirs.get(differ[0]), mine[differ[0]])
            raise ValueError(
                f"{path} is of another training: {said}; name another file to write, or move this "
                "one away to train from the start"
            )
        mean = {} if self.averaged is None else {"averaged": self.averaged}
        found.restore(generator=self.generator, optimizer=self.optimizer, **mean)
        self.step, self.seconds = found.notes["step"], found.notes["seconds"]
        self._since_report = list(found.notes["since_report"])
        self.history = [
            Progress(s, loss, float("nan") if p is None else p, t) for s, loss, p, t in found.notes["history"]
        ]

    def _identity(self) -> dict[str, Any]:
        """What must be the same for a resumed run to be the same run."""
        rows = [len(self.train), int(self.train.astype(np.int64).sum())]
        return asdict(self.plan) | {
            "loss": self.loss_name, "data": self.data.key, "rows": rows, "begun_from": self.begun_from,
        }  # fmt: skip


def _difference(name: str, theirs: Any, mine: Any) -> str:
    """In words, in what a checkpoint's training differs from this one."""
    told = {
        "begun_from": "it began from other weights",
        "data": "it learnt from other clips, or from the same ones with another f_d",
        "rows": "it held out other frames",
    }
    if name in told:
        return told[name]
    if name == "config" and theirs:
        old, new = json.loads(theirs), json.loads(mine)
        name = next((key for key in new if old.get(key) != new[key]), name)
        theirs, mine = old.get(name), new.get(name)
    return f"its {name} is {theirs!r}, not {mine!r}"
