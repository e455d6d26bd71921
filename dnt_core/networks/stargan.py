r"""StarGAN (Choi et al., CVPR 2018): one generator turns a face into any of several domains.

Written from its paper, smaller: fewer channels and residual blocks, pictures of any size that four divides.
The domains are the types and levels that were filmed, as two one-hot vectors: StarGAN knows no level between
two others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.ciec import EXPRESSIONS, LEVEL_INTENSITY
from dnt_core.own_torch import seeded

N_TYPES, N_LEVELS = len(EXPRESSIONS), len(LEVEL_INTENSITY)
SLOPE = 0.01  # of the critic's leaky ReLUs, as in its paper


@dataclass(frozen=True)
class StarGANConfig:
    r"""Sizes.

    Args:
        width: channels of the generator's first layer; its paper has 64.
        blocks: residual blocks; its paper has 6.
        critic_width: channels of the discriminator's first layer; its paper has 64.
        critic_depth: its layers of stride 2; its paper has 6.
        seed: of all initial weights.

    Raises:
        ValueError: a size below 1.
    """

    width: int = 16
    blocks: int = 4
    critic_width: int = 16
    critic_depth: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("width", "blocks", "critic_width", "critic_depth"):
            if getattr(self, name) < 1:
                raise ValueError(f"StarGAN config: {name} must be at least 1, got {getattr(self, name)}")


def domain_codes(types: Tensor, levels: Tensor) -> Tensor:
    r"""Domains as StarGAN is told them.

    Args:
        types: (B,) numbers of ``EXPRESSIONS``.
        levels: (B,) 0 to 2 for levels 1 to 3; negative for neutral, which has none.

    Returns:
        (B, 11): one-hot type, one-hot level (zeros for neutral).
    """
    code = F.one_hot(types, N_TYPES)
    level = F.one_hot(levels.clamp(min=0), N_LEVELS) * (levels >= 0).long()[:, None]
    return torch.cat([code, level], 1).float()


class StarGANGenerator(nn.Module):
    r"""A picture and a domain in, the picture in that domain out.

    Args:
        config: sizes; the weights follow from its seed.
    """

    def __init__(self, config: StarGANConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or StarGANConfig()
        with seeded(config.seed):
            w = config.width
            self.layers = nn.Sequential(
                *_block(nn.Conv2d(3 + N_TYPES + N_LEVELS, w, 7, padding=3, bias=False), w),
                *_block(nn.Conv2d(w, 2 * w, 4, 2, 1, bias=False), 2 * w),
                *_block(nn.Conv2d(2 * w, 4 * w, 4, 2, 1, bias=False), 4 * w),
                *(_Residual(4 * w) for _ in range(config.blocks)),
                *_block(nn.ConvTranspose2d(4 * w, 2 * w, 4, 2, 1, bias=False), 2 * w),
                *_block(nn.ConvTranspose2d(2 * w, w, 4, 2, 1, bias=False), w),
                nn.Conv2d(w, 3, 7, padding=3, bias=False),
                nn.Tanh(),
            )

    def forward(self, picture: Tensor, code: Tensor) -> Tensor:
        r"""Translates.

        Args:
            picture: (B, 3, H, W) RGB in [0, 1], H and W divisible by 4.
            code: (B, 11) of :func:`domain_codes`.

        Returns:
            (B, 3, H, W) in [0, 1].
        """
        maps = code[:, :, None, None].expand(-1, -1, *picture.shape[-2:])
        return (self.layers(torch.cat([2 * picture - 1, maps], 1)) + 1) / 2


class StarGANCritic(nn.Module):
    r"""Is a picture filmed, patch by patch, and which domain does it show?

    Args:
        config: sizes.
        size: (H, W) of the pictures, of which ``critic_depth`` halvings leave at least one pixel.
    """

    def __init__(self, config: StarGANConfig, size: Sequence[int]) -> None:
        super().__init__()
        left = [side // 2**config.critic_depth for side in size]
        if min(left) < 1:
            raise ValueError(f"pictures of {tuple(size)} px are too small for {config.critic_depth} halvings")
        with seeded(config.seed + 1):
            widths = [3, *(config.critic_width * 2**k for k in range(config.critic_depth))]
            layers: list[nn.Module] = []
            for a, b in zip(widths, widths[1:], strict=False):
                layers += [nn.Conv2d(a, b, 4, 2, 1), nn.LeakyReLU(SLOPE)]
            self.layers = nn.Sequential(*layers)
            self.real = nn.Conv2d(widths[-1], 1, 3, padding=1, bias=False)
            self.domain = nn.Conv2d(widths[-1], N_TYPES + N_LEVELS, left, bias=False)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        r"""(B, 3, H, W) in [0, 1] → (B, 1, h, w) how real each patch is, logits (B, 8) of types, (B, 3) of
        levels."""
        features = self.layers(2 * picture - 1)
        domain = self.domain(features)[..., 0, 0]
        return self.real(features), *domain.split((N_TYPES, N_LEVELS), 1)


def _block(convolution: nn.Module, channels: int) -> tuple[nn.Module, ...]:
    norm = nn.InstanceNorm2d(channels, affine=True, track_running_stats=False)
    return convolution, norm, nn.ReLU(inplace=True)


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_block(nn.Conv2d(channels, channels, 3, padding=1, bias=False), channels),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.InstanceNorm2d(channels, affine=True, track_running_stats=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)
