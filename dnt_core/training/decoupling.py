r"""Training of the decoupling network against its discriminator (section 3.4, equations 2 to 5)."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from dnt_core.arguments import whole_number
from dnt_core.ciec import EXPRESSIONS, C, encode
from dnt_core.clips.expression_frames import ExpressionFrames
from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.neutral_discriminator import NeutralDiscriminator
from dnt_core.own_torch import seeded
from dnt_core.training import decoupling_losses as losses
from dnt_core.training.step_training import StepTraining, data_key, update_average


@dataclass(frozen=True)
class DecouplingConfig:
    r"""Everything that decides a training but the clips.

    Args:
        steps: updates of each network.
        batch_size: frames of each kind in an update, at least 8, spread evenly over the expression types
            there are.
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
        TypeError: steps, a batch size or a seed that are not whole.
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
        for name in ("steps", "batch_size", "seed"):
            whole_number(getattr(self, name), name, 0)
        for name in ("learning_rate", "discriminator_learning_rate"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        if not 0 <= self.averaging < 1:
            raise ValueError(f"averaging must lie in [0, 1), got {self.averaging}")
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"betas must be two numbers in [0, 1), got {self.betas}")


#: Equations 2 to 5 and nothing else.
PAPER = DecouplingConfig()
#: What the shipped weights were made with: the same equations, the discriminator smooth and told the CIEC.
SMOOTH_AND_INFORMED = DecouplingConfig(saturating=False, informed=True, smoothness=0.1)


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


class DecouplingTraining(StepTraining):
    r"""A training of f_d and D in turns on the frames' expression numbers, which can be stopped and resumed.

    Args:
        frames: of all expressions, neutral ones among them.
        model: the face model they belong to; only its mouth landmarks are used.
        config: everything that decides the training but the clips.

    Attributes:
        network: f_d as trained.
        averaged: the running mean of its weights.
        discriminator: D.

    Raises:
        ValueError: no neutral or no other frames.
    """

    def __init__(
        self, frames: ExpressionFrames, model: MorphableModel, config: DecouplingConfig | None = None
    ) -> None:
        self.config = config = config or DecouplingConfig()
        self.mouth = losses.MouthLandmarks(model)
        data = data_key(frames.expression, frames.type, frames.intensity, self.mouth.basis)
        super().__init__({"config": asdict(config), "data": data}, config.steps, config.seed)
        self.batches = _Batches(frames, config.batch_size)
        with seeded(config.seed):
            self.network = DecouplingNetwork(config.hidden)
            self.discriminator = NeutralDiscriminator(
                config.hidden, condition_dim=C if config.informed else 0
            )
        self.averaged = copy.deepcopy(self.network).requires_grad_(False)
        self.optimizer = torch.optim.Adam(self.network.parameters(), config.learning_rate, config.betas)
        self.discriminator_optimizer = torch.optim.Adam(
            self.discriminator.parameters(), config.discriminator_learning_rate, config.betas
        )
        self.generator = torch.Generator().manual_seed(config.seed)

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

    def take_step(self) -> dict[str, float]:
        r"""One update of D, one of f_d and one of its running mean."""
        frames, ciec, real = self.batches.draw(self.generator)
        config = self.config
        fade = min(1.0, 2.0 * (1.0 - self.step / config.steps))
        self.optimizer.param_groups[0]["lr"] = config.learning_rate * fade
        self.discriminator_optimizer.param_groups[0]["lr"] = config.discriminator_learning_rate * fade
        condition = ciec if config.informed else None

        made = self.network(frames)
        loss_d = losses.discriminator_loss(
            self.discriminator(real, condition), self.discriminator(made.detach(), condition)
        )
        penalised = loss_d
        if config.smoothness:
            penalised = loss_d + config.smoothness / 2 * losses.gradient_penalty(
                self.discriminator, real, condition
            )
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        penalised.backward()
        self.discriminator_optimizer.step()

        adversarial = losses.adversarial_loss(self.discriminator(made, condition), config.saturating)
        neutral = losses.neutral_loss(real, self.network(real))
        lips = (losses.mouth_norm if config.norm else losses.mouth_loss)(self.mouth(frames), self.mouth(made))
        total = losses.total_loss(adversarial, neutral, lips, config.lambda1, config.lambda2)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.optimizer.step()
        update_average(self.averaged, self.network, config.averaging, self.step + 1)
        found = {"discriminator": loss_d, "adversarial": adversarial, "neutral": neutral, "mouth": lips}
        return {name: float(loss.detach()) for name, loss in (found | {"total": total}).items()}


def train_decoupling(
    frames: ExpressionFrames,
    model: MorphableModel,
    config: DecouplingConfig | None = None,
    checkpoint: str | os.PathLike | None = None,
    progress: Callable[[DecouplingTraining], None] | None = None,
) -> DecouplingTraining:
    r"""Makes a :class:`DecouplingTraining` and runs it to its last step.

    Args:
        frames: see there.
        model: see there.
        config: see there.
        checkpoint: see :meth:`~dnt_core.training.step_training.StepTraining.run`.
        progress: called after every step.
    """
    training = DecouplingTraining(frames, model, config)
    for _ in training.run(checkpoint):
        if progress is not None:
            progress(training)
    return training
