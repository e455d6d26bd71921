r"""Peak signal-to-noise ratio, of whole pictures or of a part of them."""

from __future__ import annotations

import torch
from torch import Tensor


def psnr(image: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
    r"""−10 log₁₀ of the mean squared error, picture by picture.

    Args:
        image, target: (B, 3, H, W) in [0, 1]. mask: (B, 1, H, W), the part that counts; None: all of it.

    Returns:
        (B,) in dB; NaN where the mask is empty, at most 100.
    """
    error = (image.double() - target.double()).square()
    if mask is None:
        mean = error.mean((1, 2, 3))
    else:
        mask = mask.double()
        mean = (error * mask).sum((1, 2, 3)) / (error.shape[1] * mask.sum((1, 2, 3)))
    return -10 * torch.log10(mean.clamp(min=1e-10))
