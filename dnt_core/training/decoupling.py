r"""Training of the decoupling network against its discriminator (section 3.4, equations 2 to 5)."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dnt_core.checkpoint import read_checkpoint, write_checkpoint
from dnt_core.ciec import EXPRESSIONS, C, encode
from dnt_core.clips.expression_frames import ExpressionFrames
from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.neutral_discriminator import NeutralDiscriminator
from dnt_core.training import decoupling_losses as losses

LOSSES = ("discriminator", "adversarial", "neutral", "mouth", "total")


@dataclass(frozen=True)
class DecouplingConfig:
    r"""Everything that decides a training but the clips.

    Args:
        steps: updates of each network.
        batch_size: frames of each kind in an update, spread evenly over the expression types there are.
        learning_rate: of f_d's Adam, falling linearly to 0 over the second half.
        discriminator_learning_rate: of D's Adam, falling likewise.
        betas: of Adam. The paper's (0.9, 0.999) let the two players chase each other's past; 0.5 is usual.
        lambda1: of equation 5. Higher: neutral faces change less.
        lambda2: of equation 5, for decimetres. Higher: lips stay and expressions with them.
        norm: equation 4 as printed, :func:`~dnt_core.training.decoupling_losses.mouth_norm`; False: the mean
            of squares, which λ2 is for.
        saturating: equation 2 as written; False: its non-saturating variant.
        informed: the discriminator is told the CIEC of the frame the face was made from; False: the paper's.
        smoothness: weight of the gradient penalty on the discriminator, 0: none, as in the paper.
        averaging: decay of the running mean of f_d's weights that is the result; 0: the last weights.
        hidden: widths of both networks' hidden layers.
        seed: of weights and batches.

    Raises:
        ValueError: a number outside its range.
    """

    steps: int = 3000
    batch_size: int = 256
    learning_rate: float = 5e-4
    discriminator_learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.5, 0.999)
    lambda1: float = losses.LAMBDA1
    lambda2: float = losses.LAMBDA2
    norm: bool = False
    saturating: bool = True
    informed: bool = False
    smoothness: float = 0.0
    averaging: float = 0.995
    hidden: tuple[int, ...] = (256, 256)
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("betas", "hidden"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name, low in (("steps", 1), ("batch_size", 8), ("lambda1", 0), ("lambda2", 0), ("smoothness", 0)):
            if not low <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must be a number of at least {low}, got {getattr(self, name)}")
        if not 0 <= self.averaging < 1:
            raise ValueError(f"averaging must lie in [0, 1), got {self.averaging}")


#: Equations 2 to 5 and nothing else.
PAPER = DecouplingConfig()
#: What the shipped weights were made with: the same equations, the discriminator smooth and told the CIEC.
SMOOTH_AND_INFORMED = DecouplingConfig(saturating=False, informed=True, smoothness=0.1)


@dataclass
class DecouplingTraining:
    r"""A training between two steps; :func:`train_decoupling` makes, runs, stores and resumes it.

    Attributes:
        config: everything that decides it but the clips.
        network: f_d as trained.
        averaged: the running mean of its weights, which is the result.
        discriminator: D.
        optimizer: of f_d.
        discriminator_optimizer: of D.
        generator: of the batches' random numbers.
        step: updates so far.
        history: name of :data:`LOSSES` → one value a step.
    """

    config: DecouplingConfig
    network: DecouplingNetwork
    averaged: DecouplingNetwork
    discriminator: NeutralDiscriminator
    optimizer: torch.optim.Optimizer
    discriminator_optimizer: torch.optim.Optimizer
    generator: torch.Generator
    step: int = 0
    history: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in LOSSES})

    @classmethod
    def start(cls, config: DecouplingConfig) -> DecouplingTraining:
        r"""Networks with fresh weights from the seed; torch's global random state is left alone.

        Args:
            config: everything that decides the training but the clips.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            network = DecouplingNetwork(config.hidden)
            discriminator = NeutralDiscriminator(config.hidden, condition_dim=C if config.informed else 0)
        return cls(
            config, network, copy.deepcopy(network).requires_grad_(False), discriminator,
            torch.optim.Adam(network.parameters(), config.learning_rate, config.betas),
            torch.optim.Adam(discriminator.parameters(), config.discriminator_learning_rate, config.betas),
            torch.Generator().manual_seed(config.seed),
        )  # fmt: skip

    @property
    def result(self) -> DecouplingNetwork:
        r"""The network to use."""
        return self.averaged if self.config.averaging else self.network

    def parts(self) -> dict:
        r"""All that a checkpoint holds, by name."""
        return {
            "network": self.network, "averaged": self.averaged, "discriminator": self.discriminator,
            "optimizer": self.optimizer, "discriminator_optimizer": self.discriminator_optimizer,
            "generator": self.generator,
        }  # fmt: skip

    def save(self, path: str | os.PathLike) -> Path:
        r"""Writes everything a resumed training needs.

        Args:
            path: ends in ``.safetensors``.
        """
        notes = {"config": asdict(self.config), "step": self.step, "history": self.history}
        return write_checkpoint(path, notes, **self.parts())

    @classmethod
    def load(cls, path: str | os.PathLike) -> DecouplingTraining:
        r"""Reads what :meth:`save` wrote.

        Args:
            path: ends in ``.safetensors``.

        Raises:
            FileNotFoundError, ValueError: no such file, or not one of a decoupling training.
        """
        checkpoint = read_checkpoint(path)
        try:
            training = cls.start(DecouplingConfig(**checkpoint.notes["config"]))
            checkpoint.restore(**training.parts())
            training.step, training.history = checkpoint.notes["step"], checkpoint.notes["history"]
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path} is no checkpoint of a decoupling training: {error}") from error
        return training


class _Batches:
    r"""Frames of every expression type in equal numbers, and neutral ones, drawn with replacement."""

    def __init__(self, frames: ExpressionFrames, size: int) -> None:
        present = [frames.type == k for k in range(len(EXPRESSIONS))]
        self.places = [torch.nonzero(mask)[:, 0] for mask in present if mask.any()]
        self.neutral = frames.expression[frames.neutral]
        if not len(self.neutral) or len(self.places) < 2:
            raise ValueError(
                "a decoupling network is trained on neutral frames and others; one kind is missing"
            )
        self.expression, self.size = frames.expression, size
        self.ciec = encode(frames.type, frames.intensity)  # (N, 7)

    def draw(self, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        r"""Frames F (n, 64), their CIEC (n, 7), neutral frames F_n (n, 64)."""
        share = -(-self.size // len(self.places))
        rows = torch.cat([p[torch.randint(len(p), (share,), generator=generator)] for p in self.places])
        neutral = torch.randint(len(self.neutral), (len(rows),), generator=generator)
        return self.expression[rows], self.ciec[rows], self.neutral[neutral]


def train_decoupling(
    frames: ExpressionFrames,
    model: MorphableModel,
    config: DecouplingConfig = DecouplingConfig(),
    checkpoint: str | os.PathLike | None = None,
    every: int = 500,
    stop_at: int | None = None,
    progress: Callable[[DecouplingTraining], None] | None = None,
) -> DecouplingTraining:
    r"""Trains f_d and D in turns on the frames' expression numbers.

    Args:
        frames: of all expressions, neutral ones among them.
        model: the face model they belong to; only its mouth landmarks are used.
        config: everything that decides the training but the clips.
        checkpoint: file to go on from, if it is there, and to write every so many steps, at the end and when
            interrupted. A resumed training gives the same weights, bit for bit, as an uninterrupted one.
        every: steps between two checkpoints.
        stop_at: stop after this step (and write the checkpoint); default: the configuration's last.
        progress: called after every step.

    Raises:
        ValueError: no neutral or no other frames; the checkpoint belongs to another configuration.
        FloatingPointError: a loss is not finite.
    """
    if checkpoint is not None and Path(checkpoint).exists():
        training = DecouplingTraining.load(checkpoint)
        if training.config != config:
            raise ValueError(f"{checkpoint} was written with {training.config}, not with {config}")
    else:
        training = DecouplingTraining.start(config)
    batches, mouth = _Batches(frames, config.batch_size), losses.MouthLandmarks(model)
    last = min(config.steps, config.steps if stop_at is None else stop_at)
    try:
        while training.step < last:
            _step(training, mouth, *batches.draw(training.generator))
            if progress is not None:
                progress(training)
            if checkpoint is not None and training.step % every == 0 and training.step < last:
                training.save(checkpoint)
    finally:
        if checkpoint is not None and all(
            np.isfinite(values[-1:]).all() for values in training.history.values()
        ):
            training.save(checkpoint)
    return training


def _step(
    t: DecouplingTraining, mouth: losses.MouthLandmarks, frames: Tensor, ciec: Tensor, real: Tensor
) -> None:
    config = t.config
    fade = min(1.0, 2.0 * (1.0 - t.step / config.steps))
    t.optimizer.param_groups[0]["lr"] = config.learning_rate * fade
    t.discriminator_optimizer.param_groups[0]["lr"] = config.discriminator_learning_rate * fade
    condition = ciec if config.informed else None

    made = t.network(frames)
    loss_d = losses.discriminator_loss(
        t.discriminator(real, condition), t.discriminator(made.detach(), condition)
    )
    penalised = loss_d
    if config.smoothness:
        penalised = loss_d + config.smoothness / 2 * losses.gradient_penalty(t.discriminator, real, condition)
    t.discriminator_optimizer.zero_grad(set_to_none=True)
    penalised.backward()
    t.discriminator_optimizer.step()

    adversarial = losses.adversarial_loss(t.discriminator(made, condition), config.saturating)
    neutral = losses.neutral_loss(real, t.network(real))
    lips = (losses.mouth_norm if config.norm else losses.mouth_loss)(mouth(frames), mouth(made))
    total = losses.total_loss(adversarial, neutral, lips, config.lambda1, config.lambda2)
    t.optimizer.zero_grad(set_to_none=True)
    total.backward()
    t.optimizer.step()

    t.step += 1
    keep = min(config.averaging, t.step / (t.step + 10))
    with torch.no_grad():
        for mean, weight in zip(t.averaged.parameters(), t.network.parameters(), strict=True):
            mean.lerp_(weight, 1 - keep)
    for name, loss in zip(LOSSES, (loss_d, adversarial, neutral, lips, total), strict=True):
        value = float(loss.detach())
        t.history[name].append(value)
        if not np.isfinite(value):
            raise FloatingPointError(
                f"step {t.step}: the {name} loss is {value}; try a smaller learning rate"
            )
