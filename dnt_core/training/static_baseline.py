r"""The static texture as a baseline: the trained generator with one texture for everything, fitted again.

Training it from nothing would cost what the generator itself cost. Instead it starts where the generator is,
with the mean of the textures it has for the training frames, and everything (texture, teeth, renderer) is
fitted on. So it has seen all that the generator saw, and more steps.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from dnt_core.networks.generator import Generator
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.train_config import TrainConfig


@torch.no_grad()
def static_from(generator: Generator, ciecs: Tensor) -> Generator:
    r"""A generator with the mean texture of some CIECs (N, 7), all else copied.

    The teeth submodule keeps its CIEC, as in the paper's ablation "w/o DNT" only the texture is static.
    """
    static = Generator(replace(generator.config, texture="static"))
    kept = {k: v for k, v in generator.state_dict().items() if not k.startswith("texture.")}
    static.load_state_dict(kept, strict=False)
    weights = generator.texture.weights(ciecs).mean(0)  # (K,); a texture is linear in them
    mean = generator.texture.neutral + torch.einsum("k,knhw->nhw", weights, generator.texture.full_bases())
    static.texture.neutral.copy_(mean)
    return static


def refit(
    generator: Generator, data: GeneratorData, rows: np.ndarray, steps: int, batch_size: int = 4,
    learning_rate: float = 5e-4,
) -> list[float]:  # fmt: skip
    r"""Fits a generator on, in place, with the loss of the shipped weights; returns the losses (steps,)."""
    plan = TrainConfig(
        steps, batch_size, learning_rate, learning_rate, loss="pixel_gradient", mouth_weight=10.0
    )
    training = GeneratorTraining(generator, data, rows, rows[:0], plan)
    losses = [training.take_step() for _ in range(steps)]
    generator.eval()
    return losses
