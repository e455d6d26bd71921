r"""The neural renderer: features in, colour and attention mask out, blended with the background (eq. 1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.networks.mouth_window import paste_window, whole_corners
from dnt_core.networks.unet import SLOPE, ResidualBlock, UNet, unet_widths

ATTENTION_OFF, ATTENTION_ON = -3.0, 3.0  # α's logit before training, outside and inside the hole


class Rendered(NamedTuple):
    r"""What the renderer makes; all float (B, ·, H, W) in [0, 1].

    Attributes:
        image: (B, 3, H, W), I = α F + (1 − α) B, RGB.
        color: (B, 3, H, W), F.
        attention: (B, 1, H, W), α.
        texture_color: (B, 3, H, W), the sampled texture's first three channels (not confined to [0, 1]).
    """

    image: Tensor
    color: Tensor
    attention: Tensor
    texture_color: Tensor


def blend(color: Tensor, attention: Tensor, background: Tensor) -> Tensor:
    r"""Equation 1: I = α F + (1 − α) B. α = 0 gives the background, α = 1 the rendered face.

    Args:
        color: F, (B, 3, H, W). attention: α, (B, 1, H, W) in [0, 1]. background: B, (B, 3, H, W).
    """
    return attention * color + (1 - attention) * background


class JointConvolution(nn.Module):
    r"""The convolution of several inputs concatenated, kept as one convolution for each and summed.

    The same numbers; but the share of an input that does not change can be computed once.

    Args:
        sources: name → channels. channels: of the result. stride: 1 (3 × 3) or 2 (4 × 4, half the size).
    """

    def __init__(self, sources: dict[str, int], channels: int, stride: int = 1) -> None:
        super().__init__()
        kernel = 3 if stride == 1 else 4
        whole = nn.Conv2d(
            sum(sources.values()), channels, kernel, stride, 1
        )  # initialised as one convolution
        self.stride = stride
        self.bias = nn.Parameter(whole.bias.detach().clone())
        parts = whole.weight.detach().split(list(sources.values()), dim=1)
        self.weight = nn.ParameterDict(
            {name: nn.Parameter(part.clone()) for name, part in zip(sources, parts, strict=True)}
        )

    def share(self, source: str, values: Tensor, bias: Tensor | None = None) -> Tensor:
        r"""One input's share of the sum, (B, ·, H, W) → (B, channels, H / stride, W / stride).

        Args:
            bias: (channels,), to be added to one of the shares; None: without.
        """
        return F.conv2d(values, self.weight[source], bias, stride=self.stride, padding=1)

    def share_of_patch(
        self, source: str, patch: Tensor, corner: Sequence[int] | Tensor, size: tuple[int, int]
    ) -> Tensor:
        r"""The share of an input that is 0 outside a patch, computed where it is not 0 only.

        Sides are even, so of the stride's 1 or 2 phases only the corner's matters: the patch is put into one
        that is a convolution's reach larger and starts where a result does.

        Args:
            patch: (B, ·, h, w), sides even.
            corner: row and column of its first pixel; all of it lies in the picture.
            size: (H, W) of the picture.
        """
        near, begin = self.share_near_patch(source, patch, corner)
        outer = []
        for results, first, full in zip(near.shape[-2:], begin, size, strict=True):
            outer.append((first, full // self.stride - first - results))
        return F.pad(near, (*outer[1], *outer[0]))

    def share_near_patch(
        self, source: str, patch: Tensor, corner: Sequence[int] | Tensor
    ) -> tuple[Tensor, list]:
        r"""The part of :meth:`share_of_patch` that is not 0, and row and column at which it begins, which may
        lie outside the result."""
        stride, weight = self.stride, self.weight[source]
        kernel, inner, begin = weight.shape[-1], [], []
        for side, first in zip(patch.shape[-2:], corner, strict=True):
            results = side // stride + 2
            before = first % stride + stride + 1  # 1: the convolution's padding
            inner.append((before, stride * (results - 1) + kernel - side - before))
            begin.append(first // stride - 1)
        return F.conv2d(F.pad(patch, (*inner[1], *inner[0])), weight, stride=stride), begin

    def share_of_windows(self, source: str, patch: Tensor, window: Tensor, size: tuple[int, int]) -> Tensor:
        r"""The share of each picture's window (B, ·, h, w), where ``mouth_window`` (B, 3) says it lies."""
        corners = whole_corners(window, patch.shape[-2:], within=size)
        if not any(corners):
            return self.share(source, paste_window(patch, window, size))
        if len(set(corners)) == 1:
            return self.share_of_patch(source, patch, corners[0], size)
        each = zip(patch.split(1), window.split(1), corners, strict=True)
        return torch.cat(
            [
                self.share_of_patch(source, x, corner, size)
                if corner
                else self.share(source, paste_window(x, place, size))
                for x, place, corner in each
            ]
        )

    def forward(self, **values: Tensor) -> Tensor:
        r"""All inputs by name, (B, ·, H, W) → (B, channels, H / stride, W / stride)."""
        return sum(self.share(name, value) for name, value in values.items()) + self.bias[:, None, None]


class BackgroundNetwork(nn.Module):
    r"""Features of the background frame: a convolution and a residual block (figure 2).

    Args:
        channels: of the features.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(4, channels, 3, padding=1)
        self.block = ResidualBlock(channels, channels)

    def forward(self, background: Tensor, hole: Tensor) -> Tensor:
        r"""B (B, 3, H, W) and where it was cut out (B, 1, H, W) → (B, channels, H, W)."""
        return F.leaky_relu(self.block(self.first(torch.cat([background, hole], dim=1))), SLOPE)


class NeuralRenderer(nn.Module):
    r"""U-Net with residual blocks over texture, teeth and background; colour and mask out (figure 2).

    Args:
        sources: channels of "texture", "teeth" (if there is a teeth submodule) and "background".
        width: channels at the U-Net's finest level.
        depth: levels of the U-Net.
        half_resolution: everything works at half the image's size, a quarter of the work; the last
            convolution gives each of its pixels the four of the image (sub-pixel convolution, Shi et al.,
            2016).
        detail_width: so many channels of the first convolution go past the U-Net to the last one, so that
            the skin stays sharp: 2 × 2 pixels of RGB are 12 numbers. Unused at full resolution.
        norm: see :class:`~dnt_core.networks.unet.ResidualBlock`. The output layer has none.
        max_width_mult: deeper levels have up to this many times ``width`` channels.
        skips: see :class:`~dnt_core.networks.unet.UNet`.
    """

    def __init__(
        self, sources: dict[str, int], width: int = 16, depth: int = 5, half_resolution: bool = True,
        detail_width: int = 16, norm: str = "none", max_width_mult: int = 8, skips: str = "concatenate",
    ) -> None:  # fmt: skip
        super().__init__()
        self.shrink = 2 if half_resolution else 1
        self.widths = (width, detail_width if half_resolution else 0)
        self.stem = JointConvolution(sources, sum(self.widths), stride=self.shrink)
        self.unet = UNet(unet_widths(width, depth, max_width_mult), norm=norm, skips=skips)
        self.head = nn.Conv2d(sum(self.widths), 4 * self.shrink**2, 3, padding=1)
        # Without a start, α falls to 0 everywhere before F is worth anything, and F never learns.
        self.attention_start = nn.Parameter(torch.tensor([ATTENTION_OFF, ATTENTION_ON - ATTENTION_OFF]))

    def forward(self, hole: Tensor, **features: Tensor) -> tuple[Tensor, Tensor]:
        r"""Renders F and α.

        Args:
            hole: (B, 1, H, W), 1 where the background was cut out; there α starts near 1, elsewhere near 0.
            features: by source, each (B, ·, H, W).

        Returns:
            colour F (B, 3, H, W) and attention mask α (B, 1, H, W), both in [0, 1].
        """
        return self.finish(hole, self.stem(**features))

    def finish(self, hole: Tensor, stem: Tensor) -> tuple[Tensor, Tensor]:
        r"""All that comes after the first convolution, whose result is given.

        Args:
            hole: (B, 1, H, W), 1 where the background was cut out.
            stem: (B, sum of ``widths``, h, w), result of the first convolution.

        Returns:
            colour (B, 3, H, W) and attention mask (B, 1, H, W), both in [0, 1].
        """
        trunk, detail = stem.split(self.widths, dim=1)
        out = self.head(F.leaky_relu(torch.cat([self.unet(trunk), detail], dim=1), SLOPE))
        out = F.pixel_shuffle(out.contiguous(), self.shrink)  # colour and mask part: planes are faster
        if out.shape[-2:] != hole.shape[-2:]:  # an odd side: half the size left its last row out
            out = F.interpolate(out, size=hole.shape[-2:], mode="bilinear", align_corners=False)
        start = self.attention_start[0] + self.attention_start[1] * hole
        return torch.sigmoid(out[:, :3]), torch.sigmoid(out[:, 3:] + start)
