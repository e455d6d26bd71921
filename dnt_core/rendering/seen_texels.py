r"""Looking up only the texels that a face shows, on a processor; compiled with numba.

``grid_sample`` wants the whole texture at its full size for every frame, and its gradient is as large, but a
face shows a part of it. Enlarging a texture bilinearly and looking it up are both linear, so together they
are one sparse matrix: each pixel of the face is a weighted sum of 2 × 2 texels, or of 3 × 3 of
a smaller texture. Torch's number of threads share the work out: frames when looking up, rows of the texture
when gradients are added to it, so that the result does not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from dnt_core.cache.kernels import kernel
from dnt_core.own_process import kept_threads
from dnt_core.rendering.precision import as_mask


def look_up_seen(table: Tensor, change: Tensor | None, uv_map: Tensor, mask: Tensor | None) -> Tensor:
    r"""``sample_texture`` of a texture plus a smaller one that is enlarged bilinearly; tensors on the CPU.

    Args:
        table: (B or 1, T, T, C) float, row 0 at v = 1, channels last; sums of half precision are computed in
            single precision.
        change: (B or 1, t, t, C) with t at most T, which is at least 2 then, or None: nothing is added.
        uv_map: (B, 2, H, W) in [0, 1], v up; no gradient reaches it.
        mask: (B, 1, H, W) or (1, 1, H, W), which multiplies the result; no gradient reaches it. None: all
            ones.

    Returns:
        (B, C, H, W), 0 off the mask, channels last in memory.

    Raises:
        ValueError: batch sizes that do not fit each other, a UV map or a mask of another shape, textures that
            are not square, a change that is larger than the texture.
    """
    batch, _, *size = uv_map.shape if uv_map.ndim == 4 else (0, 0)
    fits = mask is None or tuple(mask.shape) in ((batch, 1, *size), (1, 1, *size))
    if uv_map.ndim != 4 or uv_map.shape[1] != 2 or not fits:  # the kernels read what they are told to
        shapes = f"{tuple(uv_map.shape)} and {None if mask is None else tuple(mask.shape)}"
        raise ValueError(f"expected a UV map (B, 2, H, W) and a mask (B, 1, H, W), got {shapes}")
    change = table[:1, :0] if change is None else change.to(table)  # autocast makes it half
    for texture in (table, change):
        if len(texture) not in (1, len(uv_map)):
            raise ValueError(
                f"{len(texture)} textures do not fit {len(uv_map)} UV maps; expected as many, or 1"
            )
        if texture.shape[1] not in (0, texture.shape[2]):
            raise ValueError(f"a texture has shape {tuple(texture.shape)}; expected (B, T, T, C)")
    if change.shape[1] > (table.shape[1] if table.shape[1] > 1 else 0):  # more than 3 x 3 texels would count
        sides = f"a change has {change.shape[1]} texels a side and the texture {table.shape[1]}"
        raise ValueError(f"{sides}; expected a texture of as many or more, and of 2 at least")
    mask = torch.ones_like(uv_map[:, :1]) if mask is None else mask
    mask = as_mask(mask if len(mask) == batch else mask.repeat(batch, 1, 1, 1), uv_map.dtype)
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
        given = *_arrays(uv_map, mask), band, *_arrays(*textures, seen)
        _share_out(lambda a, b: _look_up(*given, round(a * len(seen)), round(b * len(seen))), len(seen))
        return seen

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor | None, ...]:
        found = [gradient.new_zeros(shape) for shape in ctx.shapes]
        size, small = (shape[1] for shape in ctx.shapes)
        given = *_arrays(*ctx.saved_tensors), _band(size, small), *_arrays(*found, gradient.contiguous())
        _share_out(
            lambda a, b: _add_back(*given, *(round(part * side) for side in (size, small) for part in (a, b)))
        )
        return *found, None, None


def _arrays(*tensors: Tensor) -> list[np.ndarray]:
    return [tensor.detach().numpy() for tensor in tensors]


def _share_out(work: Callable[[float, float], None], most: int = 8) -> None:
    """Calls work(first, last) for shares of [0, 1], side by side."""
    shares = max(min(torch.get_num_threads(), most), 1)
    limits = [k / shares for k in range(shares + 1)]
    if shares == 1:
        work(0.0, 1.0)
    else:
        list(kept_threads("texels", shares).map(work, limits[:-1], limits[1:]))


@cache
def _band(size: int, small: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For a texel i < T − 1: the first small texel that it and the next depend on, and the shares of that and
    the two after it in texel i and in texel i + 1, (T − 1, 3) each; 0 where there is no such texel."""
    if not small:
        texels = max(size - 1, 1)
        return np.zeros(texels, np.int64), np.zeros((texels, 3)), np.zeros((texels, 3))
    single = torch.eye(small, dtype=torch.float64)[:, None]
    grown = F.interpolate(single, size=size, mode="linear", align_corners=False)[:, 0].T  # (T, t)
    taps = min(small, 3)
    first = (grown[:-1] > 0).int().argmax(1).clamp(max=small - taps)
    reach = first[:, None] + torch.arange(taps)
    missing = (0, 3 - taps)
    low, high = (F.pad(part.gather(1, reach), missing).numpy() for part in (grown[:-1], grown[1:]))
    return first.numpy(), low, high


@kernel(inline="always")
def _left(at, size):
    """The texel left of a place in [0, 1] along an axis, and how far the place is on the way to the next."""
    place = at * size - 0.5
    place = min(place, size - 1.0) if place > 0.0 else 0.0  # NaN, too
    left = min(int(place), size - 2)
    return left, place - left


@kernel(inline="always")
def _mixed(low, high, i, k, part):
    """The share of the k-th small texel at a place that is ``part`` of the way from texel i to the next."""
    return low[i, k] + part * (high[i, k] - low[i, k])


@kernel
def _look_up(uv, mask, band, table, change, seen, start, stop):
    """Fills frames start … stop − 1 of ``seen`` (B, H, W, C) with weighted sums of texels."""
    (first, low, high), size, small = band, table.shape[1], change.shape[1]
    channels, kind = seen.shape[3], seen.dtype.type
    for b in range(start, stop):
        texture, lesser = table[b % len(table)], change[b % len(change)]
        for row, column in np.ndindex(mask.shape[2], mask.shape[3]):
            shown = mask[b, 0, row, column]
            if shown == 0:
                continue
            i, down = _left(1 - uv[b, 1, row, column], size)
            j, across = _left(uv[b, 0, row, column], size)
            pixel = seen[b, row, column]
            p, q = kind(shown * (1 - down) * (1 - across)), kind(shown * (1 - down) * across)
            r, s = kind(shown * down * (1 - across)), kind(shown * down * across)
            for c in range(channels):
                pixel[c] = (
                    p * texture[i, j, c]
                    + q * texture[i, j + 1, c]
                    + r * texture[i + 1, j, c]
                    + s * texture[i + 1, j + 1, c]
                )
            if small == 0:
                continue
            left = first[j]
            middle, right = min(left + 1, small - 1), min(left + 2, small - 1)
            for k in range(3):
                part = shown * _mixed(low, high, i, k, down)
                p, q = (
                    kind(part * _mixed(low, high, j, 0, across)),
                    kind(part * _mixed(low, high, j, 1, across)),
                )
                r, line = kind(part * _mixed(low, high, j, 2, across)), min(first[i] + k, small - 1)
                for c in range(channels):
                    pixel[c] = (
                        pixel[c]
                        + p * lesser[line, left, c]
                        + q * lesser[line, middle, c]
                        + r * lesser[line, right, c]
                    )


@kernel
def _add_back(uv, mask, band, table, change, seen, start, stop, start_small, stop_small):
    """The transposed: adds ``seen``, a gradient, to the texels' rows start … stop − 1, and so on."""
    (first, low, high), size, small = band, table.shape[1], change.shape[1]
    kind = seen.dtype.type
    for b, row, column in np.ndindex(mask.shape[0], mask.shape[2], mask.shape[3]):
        shown = mask[b, 0, row, column]
        if shown == 0:
            continue
        i, down = _left(1 - uv[b, 1, row, column], size)
        j, across = _left(uv[b, 0, row, column], size)
        pixel, texture, lesser = seen[b, row, column], table[b % len(table)], change[b % len(change)]
        for k in range(2):
            if start <= i + k < stop:
                part = shown * (down if k else 1 - down)
                _add(pixel, kind(part * (1 - across)), texture[i + k, j])
                _add(pixel, kind(part * across), texture[i + k, j + 1])
        for k in range(3):
            line = first[i] + k
            if start_small <= line < stop_small:
                part = shown * _mixed(low, high, i, k, down)
                for n in range(min(3, small - first[j])):
                    _add(pixel, kind(part * _mixed(low, high, j, n, across)), lesser[line, first[j] + n])


@kernel(inline="always")
def _add(pixel, share, texel):
    for c in range(len(pixel)):
        texel[c] += share * pixel[c]
