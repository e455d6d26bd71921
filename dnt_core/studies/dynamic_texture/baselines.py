r"""What a generator must beat: copied frames, their blends, colours of each expression without a network."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from dnt_core.metrics.copied_frames import NearestMouth, cell_key, into_hole, neighbours
from dnt_core.metrics.image_metrics import Predict
from dnt_core.networks.generator import Generator
from dnt_core.rendering.uv_map import sample_texture
from dnt_core.training.generator_data import Batch, GeneratorData


class ColorSet:
    r"""The naive set of textures: for every filmed cell the mean colours of its unwrapped frames.

    No network: the texture is put onto the face, the mouth comes from the copied neutral frame.

    Args:
        data: its clips must hold every cell. clips: those to average over.
        neutral: what fills the mouth. blend: mix the two neighbouring levels; else the nearest one.
    """

    def __init__(
        self, data: GeneratorData, clips: Sequence[int], neutral: NearestMouth, blend: bool = True
    ) -> None:
        self.neutral, self.blend = neutral, blend
        cells: dict[tuple, list[int]] = {}
        for clip in clips:
            cells.setdefault(cell_key(data.clips[clip].ciec), []).append(clip)
        self.textures = {key: data.mean_texture(members) for key, members in cells.items()}

    def texture(self, ciec: Tensor) -> Tensor:
        r"""CIEC (7,) → (3, T, T) RGB."""
        low, high, share = (t[0] for t in neighbours(ciec[None]))
        mix = float(share) if self.blend else float(share > 0.5)
        below = self.textures[cell_key(low)] if mix < 1 else 0.0
        return (1 - mix) * below + (mix * self.textures[cell_key(high)] if mix > 0 else 0.0)

    def __call__(self, batch: Batch) -> Tensor:
        r"""(B, 3, S, S), in the hole of the true background."""
        frame = batch.frame
        colors = sample_texture(torch.stack([self.texture(c) for c in batch.ciec]), frame.uv_map, frame.mask)
        return into_hole(torch.where(frame.mask > 0, colors, self.neutral.pictures(frame)), frame)


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
