r"""What a generator must beat between two filmed levels: blends of what it draws at them."""

from __future__ import annotations

import copy

from torch import Tensor

from dnt_core.metrics.copied_frames import neighbours
from dnt_core.metrics.image_metrics import Predict
from dnt_core.networks.generator import Generator
from dnt_core.training.generator_data import Batch


def blended_frames(generator: Generator) -> Predict:
    r"""The generator's own frames at the neighbouring filmed levels, cross-faded."""

    def predict(batch: Batch) -> Tensor:
        low, high, share = neighbours(batch.ciec)
        mix = share[:, None, None, None]
        return (1 - mix) * generator(batch.frame, low).image + mix * generator(batch.frame, high).image

    return predict


def blended_textures(generator: Generator) -> Predict:
    r"""The generator with its textures at the filmed levels blended linearly in between.

    A texture is linear in its weights, so the weights are blended. The teeth are told the CIEC as ever.
    """
    blended = copy.deepcopy(generator)
    weights = generator.texture.weights

    def between(ciec: Tensor) -> Tensor:
        low, high, share = neighbours(ciec)
        return (1 - share[:, None]) * weights(low) + share[:, None] * weights(high)

    blended.texture.weights = between
    return lambda batch: blended(batch.frame, batch.ciec).image
