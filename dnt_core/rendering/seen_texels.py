r"""Looking up only the texels that a face shows, on a processor; compiled with numba.

``grid_sample`` wants the whole texture at its full size for every frame, and its gradient is as large, but a
face shows a part of it. Enlarging a texture bilinearly and looking it up are both linear, so together they
are one sparse matrix: each pixel of the face is a weighted sum of 2 × 2 texels, or of 3 × 3 of
a smaller texture.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from dnt_core.cache.kernels import kernel


def look_up_seen(table: Tensor, change: Tensor | None, uv_map: Tensor, mask: Tensor | None) -> Tensor:
    r"""``sample_texture`` of a texture plus a smaller one that is enlarged bilinearly; tensors on the CPU.

    Args:
        table: (B or 1, T, T, C) float, row 0 at v = 1, channels last; sums of half precision are computed in
            single precision.
        change: (B or 1, t, t, C) with t at most T, or None: nothing is added.
        uv_map: (B, 2, H, W) in [0, 1], v up; no gradient reaches it.
        mask: (B, 1, H, W), which multiplies the result; None: all ones.

    Returns:
        (B, C, H, W), 0 off the mask, channels last in memory.

    Raises:
        ValueError: batch sizes that do not fit each other.
    """
    change = table[:1, :0] if change is None else change
    for texture in (table, change):
        if len(texture) not in (1, len(uv_map)):
            raise ValueError(
                f"{len(texture)} textures do not fit {len(uv_map)} UV maps; expected as many, or 1"
            )
    mask = torch.ones_like(uv_map[:, :1]) if mask is None else mask
    if table.dtype in (torch.float16, torch.bfloat16):  # numba knows neither
        return look_up_seen(table.float(), change.float(), uv_map, mask).to(table.dtype)
    return _LookUp.apply(table, change, uv_map.detach().to(table), mask.to(table)).permute(0, 3, 1, 2)


class _LookUp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, table: Tensor, change: Tensor, uv_map: Tensor, mask: Tensor) -> Tensor:
        ctx.save_for_backward(uv_map, mask)
        ctx.shapes = table.shape, change.shape
        seen = table.new_zeros(len(uv_map), *uv_map.shape[2:], table.shape[-1])
        textures = table.contiguous(), change.contiguous()
        band = _band(table.shape[1], change.shape[1])
        _look_up(*_arrays(uv_map, mask), band, *_arrays(*textures, seen), False)
        return seen

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor | None, ...]:
        found = [gradient.new_zeros(shape) for shape in ctx.shapes]
        band = _band(*(shape[1] for shape in ctx.shapes))
        _look_up(*_arrays(*ctx.saved_tensors), band, *_arrays(*found, gradient.contiguous()), True)
        return *found, None, None


def _arrays(*tensors: Tensor) -> list[np.ndarray]:
    return [tensor.detach().numpy() for tensor in tensors]


@cache
def _band(size: int, small: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For a texel i < T − 1: the first small texel that it and the next depend on, and the shares of so many
    small ones in texel i and in texel i + 1, (T − 1, n) each."""
    if not small:
        return np.zeros(size - 1, np.int64), np.zeros((size - 1, 0)), np.zeros((size - 1, 0))
    single = torch.eye(small, dtype=torch.float64)[:, None]
    grown = F.interpolate(single, size=size, mode="linear", align_corners=False)[:, 0].T  # (T, t)
    taps = min(small, 3)
    first = (grown[:-1] > 0).int().argmax(1).clamp(max=small - taps)
    reach = first[:, None] + torch.arange(taps)
    return first.numpy(), grown[:-1].gather(1, reach).numpy(), grown[1:].gather(1, reach).numpy()


@kernel(inline="always")
def _left(at, size):
    """The texel left of a place in [0, 1] along an axis, and how far the place is on the way to the next."""
    place = at * size - 0.5
    place = min(place, size - 1.0) if place > 0.0 else 0.0  # NaN, too
    left = min(int(place), size - 2)
    return left, place - left


@kernel
def _look_up(uv, mask, band, table, change, seen, back):
    """Fills ``seen`` (B, H, W, C) with weighted sums of texels; ``back``, the transposed: adds ``seen``, a
    gradient, to those texels in ``table`` and ``change``."""
    (first, low, high), size = band, table.shape[1]
    for b, row, column in np.ndindex(mask.shape[0], mask.shape[2], mask.shape[3]):
        shown = mask[b, 0, row, column]
        if shown == 0:
            continue
        i, down = _left(1 - uv[b, 1, row, column], size)
        j, across = _left(uv[b, 0, row, column], size)
        pixel, texture, small = seen[b, row, column], table[b % len(table)], change[b % len(change)]
        for k in range(2):
            for n in range(2):
                share = shown * (down if k else 1 - down) * (across if n else 1 - across)
                _add(pixel, share, texture[i + k, j + n], back)
        for k in range(low.shape[1]):
            part = shown * (low[i, k] + down * (high[i, k] - low[i, k]))
            for n in range(low.shape[1]):
                share = part * (low[j, n] + across * (high[j, n] - low[j, n]))
                _add(pixel, share, small[first[i] + k, first[j] + n], back)


@kernel(inline="always")
def _add(pixel, share, texel, back):
    share = pixel.dtype.type(share)
    for c in range(len(pixel)):
        if back:
            texel[c] += share * pixel[c]
        else:
            pixel[c] += share * texel[c]
