r"""Inputs that a tiny generator can be tried on, all of them different from each other."""

import torch

from dnt_core.networks.generator import FrameInputs
from dnt_core.networks.generator_config import GeneratorConfig

TINY = GeneratorConfig(
    texture_size=12, texture_channels=4, bases=3, transcoder=(8,), teeth_width=3, teeth_depth=2, code_size=4,
    width=4, depth=2, detail_width=3, background_width=3,
)  # fmt: skip


def random_frames(batch: int = 2, size: int = 24, seed: int = 0, dtype=torch.float32) -> FrameInputs:
    r"""Frames with an oval face, a mouth, a UV map that is not quite straight."""
    generator = torch.Generator().manual_seed(seed)
    at = (torch.arange(size, dtype=dtype) + 0.5) / size
    col, row = at.expand(batch, 1, size, size), at[:, None].expand(batch, 1, size, size)
    mouth = ((col - 0.5).abs() < 0.12) & ((row - 0.65).abs() < 0.06)
    face = (((col - 0.5) / 0.35) ** 2 + ((row - 0.5) / 0.42) ** 2 < 1) & ~mouth
    bend = 0.05 * torch.rand(batch, 2, 1, 1, generator=generator).to(dtype)
    uv = torch.cat([col, 1 - row], 1) * (1 - bend) + bend / 2
    mask, mouth, hole = face.to(dtype), mouth.to(dtype), (face | mouth).to(dtype)
    noise = torch.rand(batch, 3, size, size, generator=generator).to(dtype)
    background = noise * (1 - hole) + 0.5 * hole
    box = torch.tensor([0.38, 0.59, 0.62, 0.71], dtype=dtype) * size - 0.5
    return FrameInputs(background, hole, uv * mask, mask, mouth, box.expand(batch, 4))


def random_ciecs(batch: int = 2, seed: int = 0, dtype=torch.float32) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    which = torch.randint(0, 7, (batch,), generator=generator)
    return torch.nn.functional.one_hot(which, 7).to(dtype) * torch.rand(
        batch, 1, generator=generator, dtype=dtype
    )
