r"""Colours for the texels that no camera saw."""

import torch
from torch.nn import functional as F

from dnt_core.rendering.precision import as_mask, check_pictures, single_or_wider

METHODS = ("smooth", "nearest", "mean")


def inpaint(texture: torch.Tensor, visibility: torch.Tensor, method: str = "smooth") -> torch.Tensor:
    r"""Fills what is not visible from what is; visible texels stay as they are.

    Args:
        texture: (B, C, T, T) float; what stands in a texel that is not known does not count, NaN neither.
        visibility: (B, 1, T, T), 1 where the texel is known, 0 where not.
        method: "smooth" averages known texels over ever larger blocks and takes the smallest block that knows
            any (pull-push; differentiable); "nearest" takes the nearest known texel; "mean" takes the mean of
            all known texels.

    Returns:
        (B, C, T, T) in the texture's dtype. A texture with no visible texel comes back as zeros.

    Raises:
        TypeError: a texture of whole numbers, such as uint8.
        ValueError: an unknown method, channels last.
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; expected one of {', '.join(METHODS)}")
    check_pictures("texture", texture, "(B, C, T, T)")
    kind, texture = texture.dtype, single_or_wider(texture)  # in half precision sums overflow
    known = as_mask(visibility, texture.dtype)
    texture = texture.masked_fill(known == 0, 0) * known  # 0 times NaN would be NaN
    if method == "smooth":
        return _pull_push(texture, known).to(kind)
    if method == "mean":
        mean = texture.sum((2, 3), keepdim=True) / known.sum((2, 3), keepdim=True).clamp(min=1)
        return (texture + (1 - known) * mean).to(kind)
    return _nearest(texture, known).to(kind)


def _pull_push(texture, known):
    """Halves the picture, 0 where nothing is known, until all is known, then doubles it, keeping at each size
    what is known there."""
    size = texture.shape[-2:]
    if min(size) <= 1:
        mean = texture.sum((2, 3), keepdim=True) / known.sum((2, 3), keepdim=True).clamp(min=1)
        return texture + (1 - known) * mean
    weight = F.avg_pool2d(known, 2, ceil_mode=True)
    coarse = F.avg_pool2d(texture, 2, ceil_mode=True) / weight.clamp(min=1e-12)
    coarse = _pull_push(coarse, (weight > 0).to(texture.dtype))
    filled = F.interpolate(coarse, size=size, mode="bilinear", align_corners=False)
    return texture + (1 - known) * filled


def _nearest(texture, known):
    from scipy.ndimage import distance_transform_edt

    filled = []
    for picture, mask in zip(texture, known[:, 0], strict=True):
        if not mask.any():
            filled.append(picture)
            continue
        index = distance_transform_edt(mask.cpu().numpy() <= 0, return_distances=False, return_indices=True)
        row, col = torch.from_numpy(index).to(texture.device, torch.int64)
        filled.append(picture[:, row, col])
    return torch.stack(filled) if filled else texture
