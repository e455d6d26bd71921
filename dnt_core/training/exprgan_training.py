r"""Fits ExprGAN to face crops in the three stages of its paper: controller, reconstruction, refining."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.networks.exprgan import (
    ExprGANConfig,
    ExprGANCritic,
    ExprGANGenerator,
    FaceCodeCritic,
    expression_code,
)
from dnt_core.training.face_crops import FaceCrops
from dnt_core.training.step_training import StepTraining, data_key


@dataclass(frozen=True)
class ExprGANPlan:
    r"""How it is fitted.

    Args:
        steps: in all. shares: of them in the stages "controller" (the face's code stays as it is) and
            "reconstruction" (without discriminators); the rest refines with everything.
        batch_size: faces per update.
        learning_rate: of Adam with β = (0.5, 0.999), falling to a tenth over the second half.
        max_gradient: longer gradients are cut to this length; without it, one batch may drive the decoder's
            last layer so far that all pictures are of one colour, for good.
        pixel_weight: of the reconstruction's L1. code_weight: of reading the expression's code back (its
            paper's mutual information). adversarial_weight: of the picture's discriminator. face_weight: of
            the face code's. smooth_weight: of the total variation.
        seed: of weights, batches and codes.
    """

    steps: int = 1000
    shares: tuple[float, float] = (0.2, 0.4)
    batch_size: int = 8
    learning_rate: float = 4e-4
    max_gradient: float = 1.0
    pixel_weight: float = 10.0
    code_weight: float = 1.0
    adversarial_weight: float = 0.02
    face_weight: float = 0.01
    smooth_weight: float = 1e-2
    seed: int = 0


class ExprGANTraining(StepTraining):
    r"""A training of ExprGAN that can be stopped and gone on with.

    It is told the types alone: the intensity is what the code's length comes to mean, as in its paper.

    Args:
        crops: filmed faces with their labels.
        config: sizes. plan: how.
    """

    def __init__(
        self, crops: FaceCrops, config: ExprGANConfig | None = None, plan: ExprGANPlan | None = None
    ) -> None:
        self.plan = plan = plan or ExprGANPlan()
        config = config or ExprGANConfig(seed=plan.seed)
        identity = {"config": asdict(config), "plan": asdict(plan), "crops": [len(crops), *crops.size]}
        identity["data"] = data_key(crops.pictures, crops.types, crops.levels)
        super().__init__(identity, plan.steps, plan.seed)
        self.crops, self.code = crops, config.code
        self.generator = ExprGANGenerator(config)
        self.critic, self.face_critic = ExprGANCritic(config, crops.size), FaceCodeCritic(config, crops.size)
        reader = list(self.critic.reader.parameters())
        judged = [*self.critic.first.parameters(), *self.critic.conditional.parameters()]
        groups = [self.generator.parameters(), judged, reader, self.face_critic.parameters()]
        self.optimizers = [
            torch.optim.Adam(list(group), plan.learning_rate, betas=(0.5, 0.999)) for group in groups
        ]

    def parts(self):
        r"""All networks and optimisers."""
        names = ("optimizer", "critic_optimizer", "reader_optimizer", "face_optimizer")
        networks = {"exprgan": self.generator, "critic": self.critic, "face_critic": self.face_critic}
        return networks | dict(zip(names, self.optimizers, strict=True))

    @property
    def stage(self) -> str:
        r"""Which of the three stages the next step belongs to."""
        first, second = self.plan.shares
        done = self.step / self.plan.steps
        return "controller" if done < first else "reconstruction" if done < first + second else "refining"

    def take_step(self) -> dict[str, float]:
        r"""One update of each network that the stage trains."""
        rng, torch_rng = self.random_of_step()
        share = max(0.1, min(1.0, 2 * (1 - self.step / self.plan.steps)))
        for optimizer in self.optimizers:
            optimizer.param_groups[0]["lr"] = self.plan.learning_rate * share
        pictures, types, _ = self.crops.batch(rng.integers(0, len(self.crops), self.plan.batch_size))
        intensity = torch.rand(len(pictures), self.code, generator=torch_rng)
        code = expression_code(types, intensity)
        if self.stage == "controller":
            with torch.no_grad():
                face = self.generator.encode(pictures)
        else:
            face = self.generator.encode(pictures)
        made = self.generator.decode(face, code)
        found = {}
        if self.stage != "reconstruction":
            found |= self._critic_step(pictures, types, made.detach())
        if self.stage == "refining":
            found |= self._face_step(face.detach(), torch_rng)
        return found | self._generator_step(pictures, types, code, face, made)

    def _critic_step(self, pictures: Tensor, types: Tensor, made: Tensor) -> dict[str, float]:
        wrong = (types + 1 + torch.arange(len(types)) % 7) % 8  # a filmed face with another's label
        real, fake = self.critic.real(pictures, types), self.critic.real(made, types)
        mislabelled = self.critic.real(pictures, wrong)
        loss = _says(real, True) + (_says(fake, False) + _says(mislabelled, False)) / 2
        self._descend((1,), loss)
        return {"critic": loss.item()}

    def _face_step(self, face: Tensor, torch_rng: torch.Generator) -> dict[str, float]:
        prior = 2 * torch.rand(face.shape, generator=torch_rng) - 1
        loss = _says(self.face_critic(prior), True) + _says(self.face_critic(face), False)
        self._descend((3,), loss)
        return {"face_critic": loss.item()}

    def _generator_step(self, pictures, types, code, face, made) -> dict[str, float]:
        plan, stage = self.plan, self.stage
        pixels = (made - pictures).abs().mean()
        read = (self.critic.read_code(made) - code).square().mean()
        smooth = made.diff(dim=-1).abs().mean() + made.diff(dim=-2).abs().mean()
        loss = plan.pixel_weight * pixels + plan.code_weight * read + plan.smooth_weight * smooth
        if stage != "reconstruction":
            loss = loss + plan.adversarial_weight * _says(self.critic.real(made, types), True)
        if stage == "refining":
            loss = loss + plan.face_weight * _says(self.face_critic(face), True)
        self._descend((0, 2), loss)
        return {"pixels": pixels.item(), "code": read.item()}

    def _descend(self, which: tuple[int, ...], loss: Tensor) -> None:
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for number in which:
            (group,) = self.optimizers[number].param_groups
            torch.nn.utils.clip_grad_norm_(group["params"], self.plan.max_gradient)
            self.optimizers[number].step()


def _says(logits: Tensor, real: bool) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(real)))
