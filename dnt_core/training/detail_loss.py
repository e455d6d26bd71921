r"""What keeps a picture sharp: the strength of its detail; an error of the mouth that counts frames alike.

Pixel by pixel the safest guess of a pore or a tooth's edge that may lie half a pixel to the left is a blur.
So the *strength* of detail is compared as well, over windows: where it lies within the window is left to the
pixels' own loss. None of this is in the paper.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from dnt_core.metrics.sharpness import LUMA, detail
from dnt_core.rendering.masks import dilate

TINY = 1e-3  # of 1: detail below this is not told from none
WINDOW = 5  # px, side of the window, odd
SIDE = 128  # px; larger pictures are averaged to about this side, as a grid of pixels would pass for pores


def detail_strength_loss(image: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    r"""L1 of the local strength of detail, as its share of the whole picture's.

    Strength is the root mean square, over :data:`WINDOW`, of what a 3 × 3 average leaves of the brightness,
    in a picture of 128 to 255 px a side: at 256 px a net would rather draw every other row darker than find
    pores.

    Args:
        image, target: (B, 3, H, W) RGB in [0, 1]. weight: (B, 1, H, W), how much each pixel counts.
    """
    mine, true = _strength(image), _strength(target)
    if mine.shape[-2:] != weight.shape[-2:]:
        weight = F.adaptive_avg_pool2d(weight, mine.shape[-2:])
    return ((mine - true).abs() * weight).mean()


def _strength(picture: Tensor) -> Tensor:
    picture = (picture * picture.new_tensor(LUMA)[:, None, None]).sum(1, keepdim=True)
    if picture.shape[-2] >= 2 * SIDE:
        picture = F.avg_pool2d(picture, picture.shape[-2] // SIDE)
    finest = picture - F.avg_pool2d(F.pad(picture, (1,) * 4, mode="replicate"), 3, 1)
    energy = F.avg_pool2d(finest.square(), WINDOW, 1, WINDOW // 2, count_include_pad=False)
    return (energy + TINY**2).sqrt()


def mouth_detail_loss(image: Tensor, target: Tensor, mouth: Tensor) -> Tensor:
    r"""L1 of the strength of detail in each frame's mouth, as its share of the whole picture's.

    At the picture's own size: at 256 px the edges of lips and teeth are a pixel wide, which
    :func:`detail_strength_loss` does not see. One number a frame, as a mouth is hardly wider than a window.
    Detail is what :mod:`~dnt_core.metrics.sharpness` takes for it, so what asks for this is no longer judged
    by that ratio alone; the correlation beside it and the mouth's PSNR say whether detail is the film's.

    Args:
        image, target: (B, 3, H, W) RGB in [0, 1]. mouth: (B, 1, H, W), 1 in the mouth hole.
    """
    area = mouth.sum((1, 2, 3))
    energies = [(detail(picture).square() * mouth).sum((1, 2, 3)) for picture in (image, target)]
    strength = [(energy / area.clamp(min=1) + TINY**2).sqrt() for energy in energies]
    return ((strength[0] - strength[1]).abs() * area).mean() / mouth[0].numel()


def mouth_error(image: Tensor, target: Tensor, mouth: Tensor, margin: float = 1 / 64) -> Tensor:
    r"""Root mean square error within the mouth, frame by frame, then the mean: a mouth that is just open
    counts as much as one that is wide open, as in the mean of decibels.

    Args:
        image, target: (B, 3, H, W) RGB in [0, 1]. mouth: (B, 1, H, W), 1 in the mouth hole.
        margin: by which share of H the lips around the hole belong to it.
    """
    inside = dilate(mouth, round(margin * image.shape[-2]))
    total = ((image - target).square() * inside).sum((1, 2, 3))
    area = 3 * inside.sum((1, 2, 3))
    return ((total / area.clamp(min=1) + TINY**2).sqrt() * (area > 0)).mean()
