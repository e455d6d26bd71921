r"""Fits StarGAN to an actor's face crops: adversarial, domain and reconstruction losses of its paper."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.networks.stargan import StarGANConfig, StarGANCritic, StarGANGenerator, domain_codes
from dnt_core.training.face_crops import FaceCrops
from dnt_core.training.step_training import StepTraining, data_key


@dataclass(frozen=True)
class StarGANPlan:
    r"""How it is fitted; losses and weights as in its paper unless said.

    Args:
        steps: of the generator; its paper makes 40,000.
        batch_size: faces per update; its paper has 16.
        critic_steps: of the discriminator per step of the generator; its paper has 5.
        learning_rate: of Adam with β = (0.5, 0.999), falling to 0 over the second half; its paper has 1e-4.
        domain_weight, reconstruction_weight, penalty_weight: λ_cls, λ_rec and λ_gp.
        seed: of weights and batches.
    """

    steps: int = 1000
    batch_size: int = 4
    critic_steps: int = 1
    learning_rate: float = 5e-4
    domain_weight: float = 1.0
    reconstruction_weight: float = 10.0
    penalty_weight: float = 10.0
    seed: int = 0


class StarGANTraining(StepTraining):
    r"""A training of StarGAN that can be stopped and gone on with.

    Args:
        crops: filmed faces with their labels.
        config: sizes. plan: how.
    """

    def __init__(
        self, crops: FaceCrops, config: StarGANConfig | None = None, plan: StarGANPlan | None = None
    ) -> None:
        self.plan = plan = plan or StarGANPlan()
        config = config or StarGANConfig(seed=plan.seed)
        identity = {"config": asdict(config), "plan": asdict(plan), "crops": [len(crops), *crops.size]}
        identity["data"] = data_key(crops.pictures, crops.types, crops.levels)
        super().__init__(identity, plan.steps, plan.seed)
        self.crops, self.domains = crops, torch.from_numpy(crops.domains())
        self.generator, self.critic = StarGANGenerator(config), StarGANCritic(config, crops.size)
        self.optimizers = [
            torch.optim.Adam(network.parameters(), plan.learning_rate, betas=(0.5, 0.999))
            for network in (self.generator, self.critic)
        ]

    def parts(self):
        r"""Both networks and their optimisers."""
        g, c = self.optimizers
        return {"stargan": self.generator, "critic": self.critic, "optimizer": g, "critic_optimizer": c}

    def take_step(self) -> dict[str, float]:
        r"""Some updates of the discriminator, one of the generator."""
        rng, torch_rng = self.random_of_step()
        share = min(1.0, 2 * (1 - self.step / self.plan.steps))
        for optimizer in self.optimizers:
            optimizer.param_groups[0]["lr"] = self.plan.learning_rate * share
        found = {}
        for _ in range(self.plan.critic_steps):
            found |= self._critic_step(*self._drawn(rng), torch_rng)
        return found | self._generator_step(*self._drawn(rng))

    def _drawn(self, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Pictures, their own types and levels, and other domains (B, 2) to turn them into."""
        pictures, types, levels = self.crops.batch(rng.integers(0, len(self.crops), self.plan.batch_size))
        return pictures, types, levels, self.domains[rng.integers(0, len(self.domains), len(pictures))]

    def _critic_step(self, pictures, types, levels, wanted, torch_rng) -> dict[str, float]:
        with torch.no_grad():
            made = self.generator(pictures, domain_codes(*wanted.T))
        real, type_logits, level_logits = self.critic(pictures)
        fake = self.critic(made)[0]
        mix = torch.rand(len(pictures), 1, 1, 1, generator=torch_rng)
        between = (mix * pictures + (1 - mix) * made).requires_grad_(True)
        # the picture's range is [0, 1] here and [-1, 1] in the paper: its gradient is half of this one
        slope = torch.autograd.grad(self.critic(between)[0].sum(), between, create_graph=True)[0] / 2
        penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
        domain = domain_loss(type_logits, level_logits, types, levels)
        adversarial = fake.mean() - real.mean()
        loss = adversarial + self.plan.domain_weight * domain + self.plan.penalty_weight * penalty
        self._descend(1, loss)
        return {"critic": adversarial.item(), "domain_real": domain.item(), "penalty": penalty.item()}

    def _generator_step(self, pictures, types, levels, wanted) -> dict[str, float]:
        made = self.generator(pictures, domain_codes(*wanted.T))
        fake, type_logits, level_logits = self.critic(made)
        back = self.generator(made, domain_codes(types, levels))
        # of pictures in [-1, 1], as its paper has them: twice the difference of those in [0, 1]
        reconstruction = 2 * (back - pictures).abs().mean()
        domain = domain_loss(type_logits, level_logits, *wanted.T)
        weights = self.plan.domain_weight, self.plan.reconstruction_weight
        loss = -fake.mean() + weights[0] * domain + weights[1] * reconstruction
        self._descend(0, loss)
        return {"domain_made": domain.item(), "reconstruction": reconstruction.item()}

    def _descend(self, which: int, loss: Tensor) -> None:
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[which].step()


def domain_loss(type_logits: Tensor, level_logits: Tensor, types: Tensor, levels: Tensor) -> Tensor:
    r"""Cross-entropy of type plus that of level, where there is one: (B, 8), (B, 3), (B,), (B,) → ()."""
    loss = F.cross_entropy(type_logits, types)
    has_level = levels >= 0
    if has_level.any():
        loss = loss + F.cross_entropy(level_logits[has_level], levels[has_level])
    return loss
