r"""The generator in three graphs, cut where a talking face can keep or add something by itself.

Same numbers as :class:`~dnt_core.live.onnx_graphs.UnfoldedFace` up to rounding. What ONNX Runtime would do
one operator after the other over whole pictures (cutting, pasting, blending) is left to its callers, and
pictures go in and come out with their channels last, as they are looked up and blended.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.networks.generator import Generator
from dnt_core.networks.unet import SLOPE

LANES = 16  # channels of ONNX Runtime's widest blocks


class BackgroundShare(nn.Module):
    r"""What the background gives the renderer's first convolution, biases included.

    Args:
        generator: its weights are shared.
    """

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.background, self.stem = generator.background, generator.renderer.stem

    def forward(self, background: Tensor, hole: Tensor) -> Tensor:
        r"""(1, 3, h, w) and (1, 1, h, w) → (1, C, h / s, w / s)."""
        return self.stem.share("background", self.background(background, hole), self.stem.bias)


class MouthShare(nn.Module):
    r"""What the teeth submodule gives it near the mouth's window.

    Args:
        generator: with a teeth submodule; its weights are shared.
    """

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.teeth, self.stem = generator.teeth, generator.renderer.stem

    def forward(self, texture: Tensor, masks: Tensor, ciec: Tensor, corner: Tensor) -> Tensor:
        r"""The window's texture (1, h, w, N) and its face and mouth masks (1, 2, h, w), CIEC (1, 7), the
        window's row and column (2,) → ``share_near_patch``."""
        looked = self.teeth.look(texture.permute(0, 3, 1, 2)) + self.teeth.look_masks(masks)
        near, _ = self.stem.share_near_patch("teeth", self.teeth.features(looked, ciec), corner)
        return near


class RendererTrunk(nn.Module):
    r"""The renderer from the texture on the face to its output, before eq. 1.

    Args:
        generator: its weights are shared.
    """

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        renderer = generator.renderer
        self.stem, self.head, self.widths = renderer.stem, renderer.head, renderer.widths
        self.unet = copy.copy(renderer.unet)  # the same weights, another way to halve
        self.unet.halve = _halve

    def forward(self, texture: Tensor, stem: Tensor) -> Tensor:
        r"""Texture on the face (1, h, w, N), and what else the first convolution gives (1, C, h / s, w / s) →
        (1, h / s, w / s, 4 s²): the logistic function of red, green, blue and of the mask without its
        ``attention_start``, each of s × s pixels, s = 2 at half resolution."""
        stem = stem + self.stem.share("texture", texture.permute(0, 3, 1, 2))
        trunk, detail = stem.split(self.widths, dim=1)
        by_trunk, by_detail = self.head.weight.split(self.widths, dim=1)
        out = F.conv2d(F.leaky_relu(self.unet(trunk), SLOPE), by_trunk, self.head.bias, padding=1)
        if detail.shape[1]:  # a sum of two convolutions: nothing is joined
            out = out + F.conv2d(F.leaky_relu(detail, SLOPE), by_detail, padding=1)
        return torch.sigmoid(out).permute(0, 2, 3, 1)


def _halve(x: Tensor) -> Tensor:
    """The mean of 2 × 2 pixels as a convolution: ONNX Runtime's pooling takes longer on blocked channels."""
    channels, (height, width) = int(x.shape[1]), x.shape[-2:]
    if channels % LANES or height % 2 or width % 2:
        return F.avg_pool2d(x, 2, ceil_mode=True)
    return F.conv2d(x, torch.full((channels, 1, 2, 2), 0.25), stride=2, groups=channels)
