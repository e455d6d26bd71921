r"""ExprGAN (Ding, Sricharan and Chellappa, AAAI 2018): an expression editor with a continuous intensity.

An encoder keeps what is not expression, an *expression controller* turns a label into a code whose length is
the intensity, and a decoder draws both. Written from its paper, smaller. What differs: the face's code is a
map of a few pixels and not a vector, since it has to carry the head's pose and the spoken mouth; what the
paper's pretrained face network compares is compared in the pictures and in the discriminator's features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.ciec import EXPRESSIONS
from dnt_core.own_torch import seeded

N_TYPES = len(EXPRESSIONS)
SLOPE = 0.2
HALVINGS = 4  # between the picture and the face's code


@dataclass(frozen=True)
class ExprGANConfig:
    r"""Sizes.

    Args:
        width: channels of the first layer; its paper has 64.
        face_channels: of the face's code, at a 16th of the picture's height and width.
        code: numbers per expression in the expression's code; its paper has 5.
        seed: of all initial weights.

    Raises:
        ValueError: a size below 1.
    """

    width: int = 16
    face_channels: int = 16
    code: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("width", "face_channels", "code"):
            if getattr(self, name) < 1:
                raise ValueError(f"ExprGAN config: {name} must be at least 1, got {getattr(self, name)}")


def expression_code(types: Tensor, intensity: Tensor) -> Tensor:
    r"""The expression controller: an expression's own numbers are positive, all others negative.

    Args:
        types: (B,) numbers of ``EXPRESSIONS``.
        intensity: (B, d) in [0, 1]; in training random, for a wish d times the same number.

    Returns:
        (B, 8 d): the block of the type holds ``intensity``, the other blocks its negative.
    """
    sign = 2.0 * F.one_hot(types, N_TYPES).to(intensity) - 1  # (B, 8)
    return (sign[:, :, None] * intensity[:, None]).flatten(1)


class ExprGANGenerator(nn.Module):
    r"""Encoder and decoder.

    Args:
        config: sizes; the weights follow from its seed.
    """

    def __init__(self, config: ExprGANConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or ExprGANConfig()
        with seeded(config.seed):
            widths = [3, *(config.width * 2 ** min(k, 3) for k in range(HALVINGS))]
            down: list[nn.Module] = []
            for a, b in zip(widths, widths[1:], strict=False):
                down += [nn.Conv2d(a, b, 5, 2, 2), nn.LeakyReLU(SLOPE)]
            self.encoder = nn.Sequential(
                *down, nn.Conv2d(widths[-1], config.face_channels, 3, padding=1), nn.Tanh()
            )
            code = config.face_channels + N_TYPES * config.code
            up: list[nn.Module] = [nn.Conv2d(code, widths[-1], 3, padding=1), nn.LeakyReLU(SLOPE)]
            for a, b in zip(widths[:1:-1], widths[-2:0:-1], strict=True):
                up += [nn.Upsample(scale_factor=2), nn.Conv2d(a, b, 5, padding=2), nn.LeakyReLU(SLOPE)]
            up += [nn.Upsample(scale_factor=2), nn.Conv2d(widths[1], 3, 5, padding=2), nn.Sigmoid()]
            self.decoder = nn.Sequential(*up)

    def encode(self, picture: Tensor) -> Tensor:
        r"""(B, 3, H, W) RGB in [0, 1], H and W divisible by 16 → the face's code (B, c, H/16, W/16) in
        (-1, 1)."""
        return self.encoder(2 * picture - 1)

    def decode(self, face: Tensor, code: Tensor) -> Tensor:
        r"""The face's code and an expression's (B, 8 d) → (B, 3, H, W) in [0, 1]."""
        maps = code[:, :, None, None].expand(-1, -1, *face.shape[-2:])
        return self.decoder(torch.cat([face, maps], 1))

    def forward(self, picture: Tensor, code: Tensor) -> Tensor:
        r"""The picture with another expression, both as in :meth:`encode` and :meth:`decode`."""
        return self.decode(self.encode(picture), code)


class ExprGANCritic(nn.Module):
    r"""Is a picture filmed, given its label, and which expression's code drew it (its paper's D and Q)?

    Args:
        config: sizes.
        size: (H, W) of the pictures.
    """

    def __init__(self, config: ExprGANConfig, size: Sequence[int]) -> None:
        super().__init__()
        left = [side // 2**HALVINGS for side in size]
        with seeded(config.seed + 1):
            widths = [config.width * 2 ** min(k, 3) for k in range(HALVINGS)]
            self.first = nn.Conv2d(3, widths[0], 5, 2, 2)
            layers: list[nn.Module] = []
            for number, (a, b) in enumerate(zip(widths, widths[1:], strict=False)):
                layers += [nn.Conv2d(a + (N_TYPES if number == 0 else 0), b, 5, 2, 2), nn.LeakyReLU(SLOPE)]
            self.conditional = nn.Sequential(
                *layers, nn.Flatten(), nn.Linear(widths[-1] * left[0] * left[1], 1)
            )
            layers = []
            for a, b in zip(widths, widths[1:], strict=False):
                layers += [nn.Conv2d(a, b, 5, 2, 2), nn.LeakyReLU(SLOPE)]
            features = widths[-1] * left[0] * left[1]
            self.reader = nn.Sequential(*layers, nn.Flatten(), nn.Linear(features, N_TYPES * config.code))

    def real(self, picture: Tensor, types: Tensor) -> Tensor:
        r"""Pictures (B, 3, H, W) in [0, 1] and labels (B,) → logits (B,)."""
        features = F.leaky_relu(self.first(2 * picture - 1), SLOPE)
        label = F.one_hot(types, N_TYPES).to(features)[:, :, None, None].expand(-1, -1, *features.shape[-2:])
        return self.conditional(torch.cat([features, label], 1))[:, 0]

    def read_code(self, picture: Tensor) -> Tensor:
        r"""Pictures (B, 3, H, W) in [0, 1] → the expression's code as it is read off them, (B, 8 d)."""
        return self.reader(F.leaky_relu(self.first(2 * picture - 1), SLOPE))


class FaceCodeCritic(nn.Module):
    r"""Is a face's code drawn from the uniform prior or from the encoder (its paper's D_z)?

    Args:
        config: sizes.
        size: (H, W) of the pictures.
    """

    def __init__(self, config: ExprGANConfig, size: Sequence[int]) -> None:
        super().__init__()
        numbers = config.face_channels * (size[0] // 2**HALVINGS) * (size[1] // 2**HALVINGS)
        with seeded(config.seed + 2):
            self.layers = nn.Sequential(
                nn.Flatten(), nn.Linear(numbers, 64), nn.LeakyReLU(SLOPE), nn.Linear(64, 1)
            )

    def forward(self, face: Tensor) -> Tensor:
        r"""(B, c, h, w) → logits (B,)."""
        return self.layers(face)[:, 0]
