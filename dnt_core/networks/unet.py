r"""The U-Net with residual blocks that both the teeth submodule and the neural renderer use (figure 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2  # of the leaky ReLUs
SKIPS = ("concatenate", "add")


class ResidualBlock(nn.Module):
    r"""x + conv(act(conv(act(x)))), 3 × 3; the second convolution is 0 at first: the block starts as a copy.

    Args:
        channels_in, channels_out: where they differ, a 1 × 1 convolution brings x to the new width.
        norm: "none", or "instance" before each activation.
    """

    def __init__(self, channels_in: int, channels_out: int, norm: str = "none") -> None:
        super().__init__()
        self.first = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.second = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)
        same = channels_in == channels_out
        self.skip = nn.Identity() if same else nn.Conv2d(channels_in, channels_out, 1)
        self.norm_in, self.norm_mid = make_norm(norm, channels_in), make_norm(norm, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        r"""(B, channels_in, H, W) → (B, channels_out, H, W)."""
        inner = self.first(F.leaky_relu(self.norm_in(x), SLOPE))
        return self.skip(x) + self.second(F.leaky_relu(self.norm_mid(inner), SLOPE))


def make_norm(kind: str, channels: int) -> nn.Module:
    r"""A normalisation layer by name: "none" or "instance"."""
    if kind not in ("none", "instance"):
        raise ValueError(f"unknown norm {kind!r}; expected 'none' or 'instance'")
    return nn.InstanceNorm2d(channels, affine=True) if kind == "instance" else nn.Identity()


def _halve(x: Tensor) -> Tensor:
    r"""The mean of 2 × 2 pixels; of an odd side's last row, of those there are.

    Args:
        x: (B, C, H, W).

    Returns:
        (B, C, ⌈H / 2⌉, ⌈W / 2⌉).
    """
    return F.avg_pool2d(x, 2, ceil_mode=True)


class UNet(nn.Module):
    r"""Residual blocks on the way down and up, with connections across; any image size.

    Down by averaging 2 × 2 pixels, up by a convolution and bilinear doubling (transposed convolutions leave
    grid artefacts; doubling first would cost four times as much).

    Args:
        widths: channels of each level, finest first, such as (64, 128, 256, 512, 512); input and output have
            ``widths[0]``.
        code_size: E, numbers of a code that is concatenated at the coarsest level, the same at every pixel;
            0: none.
        norm: see :class:`ResidualBlock`.
        skips: how a level's way down meets its way up: "concatenate" (Ronneberger et al., 2015) or "add"
            (LinkNet, Chaurasia and Culurciello, 2017), with which a block on the way up costs 18/29.

    Raises:
        ValueError: no level, no channel, or unknown skips.
    """

    def __init__(
        self, widths: tuple[int, ...], code_size: int = 0, norm: str = "none", skips: str = "concatenate"
    ) -> None:
        super().__init__()
        if not widths or min(widths) < 1:
            raise ValueError(f"a U-Net needs at least one level of at least one channel, got widths {widths}")
        if skips not in SKIPS:
            raise ValueError(f"unknown skips {skips!r}; expected one of {', '.join(SKIPS)}")
        self.code_size, self.adds = code_size, skips == "add"
        fine, coarse = widths[:-1], widths[1:]
        self.top = ResidualBlock(widths[0], widths[0], norm)
        self.down = nn.ModuleList(ResidualBlock(a, b, norm) for a, b in zip(fine, coarse, strict=True))
        self.bottom = ResidualBlock(widths[-1] + code_size, widths[-1], norm)
        self.widen = nn.ModuleList(nn.Conv2d(b, a, 3, padding=1) for a, b in zip(fine, coarse, strict=True))
        self.up = nn.ModuleList(ResidualBlock(a if self.adds else 2 * a, a, norm) for a in fine)

    #: (B, C, H, W) → half the size; an exported graph may put its own way of saying the same here
    halve = staticmethod(_halve)

    def forward(self, x: Tensor, code: Tensor | None = None) -> Tensor:
        r"""(B, widths[0], H, W) and, if the net has a code, (B, E) → (B, widths[0], H, W).

        Args:
            x: (B, widths[0], H, W).
            code: (B, E), or None for a net without a code.
        """
        x = self.top(x)
        across = []
        for block in self.down:
            across.append(x)
            x = block(self.halve(x))
        if self.code_size:
            x = torch.cat([x, code[:, :, None, None].expand(-1, -1, *x.shape[-2:])], dim=1)
        x = self.bottom(x)
        for widen, block, fine in zip(reversed(self.widen), reversed(self.up), reversed(across), strict=True):
            coarse = _enlarge(widen(x), fine.shape[-2:])
            x = block(coarse + fine if self.adds else torch.cat([coarse, fine], dim=1))
        return x


def _enlarge(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear to ``size``, said as a doubling where it is one: runtimes have a faster way for that."""
    double = all(2 * a == b for a, b in zip(x.shape[-2:], size, strict=True))
    where = {"scale_factor": 2.0} if double else {"size": size}
    return F.interpolate(x, **where, mode="bilinear", align_corners=False)


def unet_widths(width: int, depth: int, max_width_mult: int = 8) -> tuple[int, ...]:
    r"""Channels double from level to level, up to a multiple: (64, 5) → 64, 128, 256, 512, 512."""
    if width < 1 or depth < 1:
        raise ValueError(f"a U-Net needs a width and a depth of at least 1, got width {width}, depth {depth}")
    return tuple(width * min(2**level, max_width_mult) for level in range(depth))
