r"""WM3DR's network: a picture with faces in it → the 257 numbers of each.

Written from the list of its layers and keys, so that its authors' checkpoint fits; the paper takes its 257
numbers (section 3.1). What its pose means is translated in :mod:`dnt_core.face3d.wm3dr`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.face3d.parameters import N_PARAMETERS
from dnt_core.face3d.wm3dr import CELLS, INPUT_SIZE
from dnt_core.networks.user_checkpoint import load_user_network

MEAN = (0.485, 0.456, 0.406)  # of the channels in the order blue, green, red, as WM3DR was trained
STD = (0.229, 0.224, 0.225)
PEAK_WINDOW = 5  # cells: a peak is the largest of 5 x 5
THRESHOLD = 0.5  # of the peak's probability
_NECK = 256  # channels


class L2Norm(nn.Module):
    r"""Divides by the L2 norm over the channels and multiplies by a learnt weight per channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        norm = x.square().sum(1, keepdim=True).sqrt() + 1e-10
        return x / norm * self.weight[:, None, None]


class WM3DRNetwork(nn.Module):
    r"""A ResNet-50 and a neck to 64 x 64 cells; 40.3 million numbers under 341 keys, the checkpoint's."""

    def __init__(self) -> None:
        from torchvision.models import resnet50  # it brings torch's compiler: a second of CPU

        super().__init__()
        resnet = resnet50(weights=None)  # its stride lies in the 3 x 3 convolution, as it does here
        self.conv1, self.bn1 = resnet.conv1, resnet.bn1
        self.layer1, self.layer2 = resnet.layer1, resnet.layer2
        self.layer3, self.layer4 = resnet.layer3, resnet.layer4
        self.p3 = nn.Conv2d(512, _NECK, 3, padding=1)
        self.p4 = nn.ConvTranspose2d(1024, _NECK, 4, stride=2, padding=1)
        self.p5 = nn.ConvTranspose2d(2048, _NECK, 4, stride=4)
        self.p3_l2, self.p4_l2, self.p5_l2 = L2Norm(_NECK), L2Norm(_NECK), L2Norm(_NECK)
        self.feat = nn.Conv2d(3 * _NECK, _NECK, 3, padding=1, bias=False)
        self.feat_bn = nn.BatchNorm2d(_NECK)
        self.hm, self.params = _head(1), _head(N_PARAMETERS)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        r"""Pictures → heat map and numbers.

        Args:
            images: (B, 3, 512, 512), from :func:`network_input`.

        Returns:
            The heat map (B, 1, 64, 64) before its sigmoid, and (B, 257, 64, 64), the numbers of a face whose
            centre would lie in that cell, in storage order.

        Raises:
            ValueError: another shape.
        """
        if images.ndim != 4 or images.shape[1:] != (3, INPUT_SIZE, INPUT_SIZE):
            raise ValueError(
                f"expected pictures (B, 3, {INPUT_SIZE}, {INPUT_SIZE}), got {tuple(images.shape)}"
            )
        x = F.max_pool2d(torch.relu(self.bn1(self.conv1(images))), 3, 2, 1)
        c3 = self.layer2(self.layer1(x))  # (B, 512, 64, 64)
        c4 = self.layer3(c3)  # (B, 1024, 32, 32)
        c5 = self.layer4(c4)  # (B, 2048, 16, 16)
        levels = [self.p3_l2(self.p3(c3)), self.p4_l2(self.p4(c4)), self.p5_l2(self.p5(c5))]
        x = torch.relu(self.feat_bn(self.feat(torch.cat(levels, dim=1))))
        return self.hm(x), self.params(x)


def load_wm3dr(path: str | os.PathLike | None = None) -> WM3DRNetwork:
    r"""WM3DR with the weights of its authors' checkpoint, which the user brings.

    Args:
        path: the checkpoint; ``None`` looks for the asset "wm3dr".

    Raises:
        FileNotFoundError: there is none.
        ValueError: the file is no checkpoint, or does not fit the network.
    """
    return load_user_network(WM3DRNetwork, "wm3dr", path)


def network_input(frames: Tensor) -> Tensor:
    r"""Frames as the network expects them.

    To blue, green, red; black added below or to the right up to a square; to 512 px (bilinear, rounded to
    whole grey levels as an 8-bit picture is); normalised.

    Args:
        frames: (B, H, W, 3) uint8, red, green, blue.

    Returns:
        (B, 3, 512, 512) float32.

    Raises:
        ValueError: another shape or type.
    """
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != torch.uint8:
        raise ValueError(f"expected frames (B, H, W, 3) uint8, got {tuple(frames.shape)} {frames.dtype}")
    x = frames.flip(-1).permute(0, 3, 1, 2).float()
    height, width = x.shape[-2:]
    side = max(height, width)
    x = F.pad(x, (0, side - width, 0, side - height))
    if side != INPUT_SIZE:
        x = F.interpolate(x, (INPUT_SIZE, INPUT_SIZE), mode="bilinear", align_corners=False).round()
    mean, std = (x.new_tensor(values)[:, None, None] for values in (MEAN, STD))
    return (x / 255 - mean) / std


@dataclass(frozen=True)
class Detections:
    r"""Faces found in a batch of pictures, the surest of each picture first.

    Attributes:
        image: (N,) index of the picture in the batch.
        cell: (N,) index of the peak in the flattened 64 x 64 heat map, row by row.
        score: (N,) probability of the peak, above the threshold.
        vector: (N, 257) in storage order, the pose in WM3DR's own convention.
    """

    image: Tensor
    cell: Tensor
    score: Tensor
    vector: Tensor

    def __len__(self) -> int:
        return len(self.cell)


def decode(heat_map: Tensor, numbers: Tensor, threshold: float = THRESHOLD) -> Detections:
    r"""The faces at the peaks of the heat map: sigmoid, largest of 5 x 5 cells, above the threshold.

    Args:
        heat_map: (B, 1, 64, 64), before the sigmoid.
        numbers: (B, 257, 64, 64).
        threshold: in [0, 1]; higher: fewer, surer faces.
    """
    probability = heat_map.sigmoid().squeeze(1)  # (B, 64, 64)
    largest = F.max_pool2d(probability, PEAK_WINDOW, 1, PEAK_WINDOW // 2)
    image, row, col = ((probability == largest) & (probability > threshold)).nonzero(as_tuple=True)
    score = probability[image, row, col]
    order = torch.argsort(score, descending=True, stable=True)
    order = order[torch.argsort(image[order], stable=True)]
    image, row, col, score = image[order], row[order], col[order], score[order]
    return Detections(image, row * CELLS + col, score, numbers[image, :, row, col])


def _head(channels: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(_NECK, _NECK, 3, padding=1), nn.ReLU(), nn.Conv2d(_NECK, channels, 1))
