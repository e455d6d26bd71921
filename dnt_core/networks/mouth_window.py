r"""The affine transform that brings the teeth area into the middle of a window, and back (figure 2)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.rendering.precision import single_or_wider


def mouth_box(polygon: Tensor) -> Tensor:
    r"""The bounding window of the mouth hole's projection.

    Args:
        polygon: (B, K, 2 or more), column and row in px of the hole's outline, from
            ``MorphableModel.mouth_polygon(screen)``.

    Returns:
        (B, 4): left, top, right, bottom in px.
    """
    corners = polygon[..., :2]
    return torch.cat([corners.amin(-2), corners.amax(-2)], dim=-1)


def mouth_window(box: Tensor, size: tuple[int, int], margin: float = 0.35) -> Tensor:
    r"""Where a window of ``size`` pixels lies so that the mouth is in its middle and nothing of it is cut.

    On whole pixels wherever the mouth fits, so that it cuts without resampling.

    Args:
        box: (B, 4) left, top, right, bottom of the mouth, px.
        size: (h, w) pixels of the window.
        margin: of the mouth's width and height that must fit on each side as well.

    Returns:
        (B, 3): column and row of the window's centre in px, and scale ≥ 1, image pixels a window pixel:
        above 1 only where the mouth would not fit.
    """
    low, high = box[..., :2], box[..., 2:]
    size_wh = box.new_tensor([size[1], size[0]])
    wanted = (high - low) * (1 + 2 * margin)
    scale = (wanted / size_wh).amax(-1, keepdim=True).clamp(min=1)
    center = (low + high) / 2
    first = (size_wh - 1) / 2
    center = torch.where(scale > 1, center, (center - first).round() + first)
    return torch.cat([center, scale], dim=-1)


def cut_window(image: Tensor, window: Tensor, size: tuple[int, int]) -> Tensor:
    r"""The part of the image that a window shows, 0 beyond the image's edge.

    Args:
        image: (B, C, H, W). window: (B, 3), see :func:`mouth_window`. size: (h, w).

    Returns:
        (B, C, h, w), bilinear; whole-pixel windows of scale 1 copy the pixels.
    """

    def resample(image: Tensor, window: Tensor) -> Tensor:
        center, scale = window[:, None, :2], window[:, None, 2:]
        return _resample(image, size, lambda at: center + scale * at, centred=True)

    return _slice_or(resample, image, window, whole_corners(window, size), size)


def paste_window(patch: Tensor, window: Tensor, size: tuple[int, int]) -> Tensor:
    r"""The inverse: a window's content (B, C, h, w) in its place in an empty image (B, C, *size)."""
    middle = window.new_tensor([patch.shape[-1] - 1, patch.shape[-2] - 1]) / 2

    def resample(patch: Tensor, window: Tensor) -> Tensor:
        center, scale = window[:, None, :2], window[:, None, 2:]
        return _resample(patch, size, lambda at: (at - center) / scale + middle, centred=False)

    corners = whole_corners(window, patch.shape[-2:])
    return _slice_or(resample, patch, window, [c and (-c[0], -c[1]) for c in corners], size)


def whole_corners(
    window: Tensor, size: tuple[int, int], within: tuple[int, int] | None = None
) -> list[tuple[int, int] | None]:
    r"""Row and column of the first pixel of each window (B, 3) that cuts whole pixels; None for the others.

    On the CPU only: a GPU would have to wait for the answer, so there it is None for all, and so it is where
    the network is traced, such as for an export: a graph holds for every window.

    Args:
        size: (h, w) of the window.
        within: (H, W) of the picture, where windows that leave it count as None, too.
    """
    if not window.is_cpu or window.requires_grad or torch.jit.is_tracing():
        return [None] * len(window)
    found: list[tuple[int, int] | None] = []
    for column, row, scale in window.tolist():
        first = row - (size[0] - 1) / 2, column - (size[1] - 1) / 2
        whole = scale == 1 and all(place.is_integer() for place in first)
        if whole and within:
            whole = all(0 <= at <= full - side for at, side, full in zip(first, size, within, strict=True))
        found.append((int(first[0]), int(first[1])) if whole else None)
    return found


def _slice_or(resample, images: Tensor, window: Tensor, corners, size: tuple[int, int]) -> Tensor:
    """Windows of whole pixels are slices, which costs a tenth; the others are resampled."""
    if not any(corners):
        return resample(images, window)
    each = zip(images.split(1), window.split(1), corners, strict=True)
    parts = [resample(x, w) if corner is None else _crop(x, corner, size) for x, w, corner in each]
    return torch.cat(parts)


def _crop(image: Tensor, corner: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """(1, C, H, W) → (1, C, h, w) from ``corner`` on, 0 beyond the image."""
    (row, column), (height, width) = corner, size
    if row >= image.shape[-2] or column >= image.shape[-1] or row + height <= 0 or column + width <= 0:
        return image.new_zeros(*image.shape[:2], height, width)  # of a face that has left the picture
    below, beside = image.shape[-2] - row - height, image.shape[-1] - column - width
    return F.pad(image, (-column, -beside, -row, -below))


def _resample(image: Tensor, size: tuple[int, int], place, centred: bool) -> Tensor:
    """Looks up ``image`` where ``place`` sends each pixel of an image of ``size``, (h·w, 2) → (B, h·w, 2)."""
    (height, width), kind, image = size, image.dtype, single_or_wider(image)
    row = torch.arange(height, device=image.device, dtype=image.dtype)
    col = torch.arange(width, device=image.device, dtype=image.dtype)
    if centred:
        row, col = row - (height - 1) / 2, col - (width - 1) / 2
    at = torch.stack([col.expand(height, width), row[:, None].expand(height, width)], dim=-1).flatten(0, 1)
    found = place(at).to(image.dtype)  # (B, h·w, 2), column and row of ``image``
    extent = image.new_tensor([image.shape[-1], image.shape[-2]])
    grid = ((2 * found + 1) / extent - 1).unflatten(1, (height, width))
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="zeros", align_corners=False).to(kind)
