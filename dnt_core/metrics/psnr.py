r"""Peak signal-to-noise ratio, of whole pictures or of a part of them."""

from __future__ import annotations

import torch
from torch import Tensor

from dnt_core.rendering.precision import check_unit_range, exact_dtype


def psnr(image: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
    r"""−10 log₁₀ of the mean squared error, picture by picture.

    Args:
        image: (B, C, H, W) in [0, 1].
        target: as ``image``.
        mask: (B, 1, H, W) or (1, 1, H, W), the part that counts; None: all of it.

    Returns:
        (B,) in dB; NaN where the mask is empty, at most 100.

    Raises:
        TypeError: pictures of whole numbers, such as uint8.
        ValueError: shapes that differ, targets of 0 to 255 or of -1 to 1.
    """
    if not (image.is_floating_point() and target.is_floating_point()):
        raise TypeError(f"psnr takes pictures in [0, 1], got {image.dtype} and {target.dtype}")
    count, _, *size = image.shape if image.ndim == 4 else (0, 0)
    fits = mask is None or mask.shape in ((count, 1, *size), (1, 1, *size))
    if image.ndim != 4 or image.shape != target.shape or not fits:
        shapes = ", ".join(str(tuple(t.shape)) for t in (image, target, mask) if t is not None)
        raise ValueError(f"psnr takes two pictures (B, C, H, W) and a mask (B, 1, H, W), got {shapes}")
    check_unit_range("targets", target)
    exact = exact_dtype(image.device)
    error = (image.to(exact) - target.to(exact)).square()
    if mask is None:
        mean = error.mean((1, 2, 3))
    else:
        mask = mask.to(exact)
        mean = (error * mask).sum((1, 2, 3)) / (error.shape[1] * mask.sum((1, 2, 3)))
    return -10 * torch.log10(mean.clamp(min=1e-10))


def psnr_in_best_place(image: Tensor, target: Tensor, reach: int = 3) -> Tensor:
    r"""The best :func:`psnr` over all places of the target within ``reach`` px, so that a picture
    that is only moved counts as good. A margin of ``reach`` px does not count.

    Args:
        image: (B, C, H, W) in [0, 1].
        target: as ``image``.
        reach: the furthest move, px, along each axis.

    Returns:
        (B,) in dB, at most 100.

    Raises:
        ValueError: pictures of another shape, or too small for the margin.
    """
    *_, height, width = image.shape
    if image.shape != target.shape or min(height, width) <= 2 * reach:
        raise ValueError(f"expected pictures above {2 * reach} px, got {image.shape} and {target.shape}")
    inner = image[..., reach : height - reach, reach : width - reach]
    rows, columns = inner.shape[-2:]
    places = [
        psnr(inner, target[..., y : y + rows, x : x + columns])
        for y in range(2 * reach + 1)
        for x in range(2 * reach + 1)
    ]
    return torch.stack(places).amax(0)
