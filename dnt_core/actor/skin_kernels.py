r"""The skin of a film frame, compiled: folds and blood laid into a texture, and its light."""

from __future__ import annotations

import numpy as np

from dnt_core.cache.kernels import kernel

BATCH = 64  # pixels of skin shaded at once: the loop over them becomes vector instructions
# rows of a batch: colour (albedo, then lit), occlusion, slopes across and up, normal, the share eyes leave
RED, GREEN, BLUE, _DIM, _ACROSS, _UP, NORMAL, _Y, _Z, LEFT = (k * BATCH for k in range(10))
_0, _1, _HALF, _QUARTER, _TINY = (np.float32(v) for v in (0.0, 1.0, 0.5, 0.25, 1e-12))
_BENT, _SMOOTH, _SOFT, _HARD = (np.float32(v) for v in (0.55, 0.45, 0.11, 0.09))


@kernel(fastmath=True)
def blend_folds(base, folds, boxes, starts, amounts, out):
    r"""out (T, T) = base (T, T) + Σ amount · fold, each fold only inside its box.

    Args:
        folds: all boxes' texels, one fold after the other, float32. boxes: (K, 4) first and last row, first
            and last column, the last not included. starts: (K,) where a fold begins. amounts: (K,) float32.
    """
    # not out[:] = base: numba would compile its sentence about shapes, too, which takes 2 s
    for r in range(base.shape[0]):
        for c in range(base.shape[1]):
            out[r, c] = base[r, c]
    for k in range(len(amounts)):
        if amounts[k] != 0.0:
            top, bottom, left, right = boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3]
            at = starts[k]
            for r in range(top, bottom):
                for c in range(left, right):
                    out[r, c] += amounts[k] * folds[at + c - left]
                at += right - left


@kernel(fastmath=True)
def relief_to_maps(relief, albedo, flush, flushed, occlusion, slope, out):
    r"""Texture of what a skin pixel needs: out (T, T, 6) = albedo RGB, occlusion, slope across, slope up.

    relief in cm; ``slope`` is half the texels per centimetre; valleys get darker.
    """
    size = relief.shape[0]
    one, gain, low, high = np.float32(1.0), np.float32(3.2), np.float32(-0.45), np.float32(0.06)
    for r in range(size):
        up, down = max(r - 1, 0), min(r + 1, size - 1)
        for c in range(size):
            left, right = max(c - 1, 0), min(c + 1, size - 1)
            for k in range(3):
                out[r, c, k] = albedo[r, c, k] * (one + flush[r, c, k] * flushed)
            out[r, c, 3] = occlusion[r, c] * (one + min(max(relief[r, c] * gain, low), high))
            out[r, c, 4] = (relief[r, right] - relief[r, left]) * slope
            out[r, c, 5] = (relief[up, c] - relief[down, c]) * slope


@kernel(fastmath=True, forceinline=True)
def light_factor(p, x, y, z):
    r"""What the light of nine polynomial numbers makes of the unit normal (x, y, z), one colour."""
    return (p[0] + p[1] * x + p[2] * y + p[3] * z + p[4] * x * y + p[5] * y * z
            + p[6] * z * z + p[7] * x * z + p[8] * (x * x - y * y))  # fmt: skip


@kernel(fastmath=True, forceinline=True)
def shade_batch(batch, polynomials, half):
    r"""Lights a batch of skin in place: normals bent by relief, blood scattering red light, a soft shine.

    batch: (10 · BATCH,) float32, one row after the other. polynomials: three times 9. half: (3,) float32.
    """
    red, green, blue = polynomials
    hx, hy, hz = half
    for i in range(BATCH):
        nx, ny, nz = batch[NORMAL + i], batch[_Y + i], batch[_Z + i]
        n = _1 / np.sqrt(max(nx * nx + ny * ny + nz * nz, _TINY))
        nx, ny, nz = nx * n, ny * n, nz * n
        n = _1 / np.sqrt(max(nx * nx + nz * nz, _TINY))
        sx, sz = nz * n, -nx * n  # sideways = up × n
        ux, uy, uz = ny * sz, nz * sx - nx * sz, -ny * sx  # upward = n × sideways
        across, up = batch[_ACROSS + i], batch[_UP + i]
        bx, by, bz = nx - across * sx - up * ux, ny - up * uy, nz - across * sz - up * uz
        n = _1 / np.sqrt(bx * bx + by * by + bz * bz)
        bx, by, bz = bx * n, by * n, bz * n
        mx, my, mz = _BENT * bx + _SMOOTH * nx, _BENT * by + _SMOOTH * ny, _BENT * bz + _SMOOTH * nz
        n = _1 / np.sqrt(mx * mx + my * my + mz * mz)
        mx, my, mz = mx * n, my * n, mz * n
        facing = max(bx * hx + by * hy + bz * hz, _0)
        f2 = facing * facing
        f4 = f2 * f2
        f8 = f4 * f4
        f16 = f8 * f8
        f64 = f16 * f16 * f16 * f16
        dim, left = batch[_DIM + i], batch[LEFT + i]
        shine = (_SOFT * f16 * f4 * f2 + _HARD * f64 * f16 * f8 * f2) * dim
        lit_red = _HALF * (light_factor(red, bx, by, bz) + light_factor(red, mx, my, mz))
        lit_green = (_1 - _QUARTER) * light_factor(green, bx, by, bz) + _QUARTER * light_factor(
            green, mx, my, mz
        )
        batch[RED + i] = (batch[RED + i] * lit_red * dim + shine) * left
        batch[GREEN + i] = (batch[GREEN + i] * lit_green * dim + shine) * left
        batch[BLUE + i] = (batch[BLUE + i] * light_factor(blue, bx, by, bz) * dim + shine) * left
