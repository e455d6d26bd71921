r"""What is done to every pixel of a film frame, compiled."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

from dnt_core.cache.kernels import kernel
from dnt_core.face3d.illumination import BAND_0_LIGHT, spherical_harmonics


@kernel(fastmath=True)
def interpolate(values, triangles, faces, barycentrics):
    r"""values (V, C) at pixels: faces (N,), barycentrics (N, 3) → (N, C)."""
    out = np.zeros((len(faces), values.shape[1]), np.float32)
    for i in range(len(faces)):
        for k in range(3):
            vertex = triangles[faces[i], k]
            for c in range(values.shape[1]):
                out[i, c] += barycentrics[i, k] * values[vertex, c]
    return out


@kernel(fastmath=True, inline="always")
def _bilinear(texture, u, v, out):
    size = texture.shape[0]
    x = min(max(u * size - 0.5, 0.0), size - 1.001)
    y = min(max((1.0 - v) * size - 0.5, 0.0), size - 1.001)
    c, r = int(x), int(y)
    a, b = x - c, y - r
    for k in range(texture.shape[2]):
        top = texture[r, c, k] * (1 - a) + texture[r, c + 1, k] * a
        low = texture[r + 1, c, k] * (1 - a) + texture[r + 1, c + 1, k] * a
        out[k] = top * (1 - b) + low * b


@kernel(fastmath=True)
def sample_texture(texture, uv):
    r"""Bilinear: texture (T, T, C) with row 0 at v = 1, uv (N, 2) → (N, C)."""
    out = np.empty((len(uv), texture.shape[2]), np.float32)
    for i in range(len(uv)):
        _bilinear(texture, uv[i, 0], uv[i, 1], out[i])
    return out


@cache
def _to_polynomial() -> np.ndarray:
    r"""(9, 9): the spherical harmonics in terms of 1, x, y, z, xy, yz, z², xz, x² − y²."""
    normals = np.random.default_rng(0).normal(size=(60, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    bands = spherical_harmonics(torch.from_numpy(normals)).numpy()
    return np.linalg.lstsq(_monomials(normals), bands, rcond=None)[0]


def _monomials(n: np.ndarray) -> np.ndarray:
    x, y, z = n.T
    return np.stack([np.ones_like(x), x, y, z, x * y, y * z, z * z, x * z, x * x - y * y], 1)


def light_polynomial(gamma: np.ndarray) -> np.ndarray:
    r"""(27,) γ → (9, 3) coefficients of the light factor as a polynomial of the normal."""
    bands = gamma.reshape(3, 9).copy()
    bands[:, 0] += BAND_0_LIGHT
    return (_to_polynomial() @ bands.T).astype(np.float32)


@kernel(fastmath=True, inline="always")
def _light(p, x, y, z, c):
    return (p[0, c] + p[1, c] * x + p[2, c] * y + p[3, c] * z + p[4, c] * x * y + p[5, c] * y * z
            + p[6, c] * z * z + p[7, c] * x * z + p[8, c] * (x * x - y * y))  # fmt: skip


@kernel(fastmath=True)
def light_factor(normals, polynomial):
    r"""(N, 3) what the light of :func:`light_polynomial` makes of unit normals (N, 3)."""
    out = np.empty((len(normals), 3), np.float32)
    for i in range(len(normals)):
        for c in range(3):
            out[i, c] = _light(polynomial, normals[i, 0], normals[i, 1], normals[i, 2], c)
    return out


@kernel(fastmath=True)
def blend_maps(base, maps, amounts, out):
    r"""out (T, T) = base (T, T) + Σ amount·map over the maps (K, T, T) with an amount (K,) other than 0."""
    out[:] = base
    for k in range(len(amounts)):
        if amounts[k] != 0.0:
            out += amounts[k] * maps[k]


@kernel(fastmath=True)
def relief_to_maps(relief, albedo, flush, flushed, occlusion, slope, out):
    r"""Texture of what a skin pixel needs: out (T, T, 6) = albedo RGB, occlusion, slope across, slope up.

    relief in cm; ``slope`` is half the texels a centimetre; valleys get darker.
    """
    size = relief.shape[0]
    for r in range(size):
        up, down = max(r - 1, 0), min(r + 1, size - 1)
        for c in range(size):
            left, right = max(c - 1, 0), min(c + 1, size - 1)
            for k in range(3):
                out[r, c, k] = albedo[r, c, k] * (1.0 + flush[r, c, k] * flushed)
            out[r, c, 3] = occlusion[r, c] * (1.0 + min(max(relief[r, c] * 3.2, -0.45), 0.06))
            out[r, c, 4] = (relief[r, right] - relief[r, left]) * slope
            out[r, c, 5] = (relief[up, c] - relief[down, c]) * slope


@kernel(fastmath=True)
def shade_skin(maps, uv, normals, polynomial, half):
    r"""(N, 3) lit skin: normals bent by relief, blood scattering red light, a soft shine towards ``half``.

    maps (T, T, 6) of :func:`relief_to_maps`, uv (N, 2), unit normals (N, 3), polynomial (9, 3), half (3,).
    """
    out = np.empty((len(uv), 3), np.float32)
    here = np.empty(maps.shape[2], np.float32)
    for i in range(len(uv)):
        _bilinear(maps, uv[i, 0], uv[i, 1], here)
        nx, ny, nz = normals[i, 0], normals[i, 1], normals[i, 2]
        length = max(np.sqrt(nx * nx + nz * nz), 1e-6)
        sx, sz = nz / length, -nx / length  # sideways = up × n
        ux, uy, uz = ny * sz, nz * sx - nx * sz, -ny * sx  # upward = n × sideways
        bx = nx - here[4] * sx - here[5] * ux
        by = ny - here[5] * uy
        bz = nz - here[4] * sz - here[5] * uz
        b = 1.0 / np.sqrt(bx * bx + by * by + bz * bz)
        bx, by, bz = bx * b, by * b, bz * b
        mx, my, mz = 0.55 * bx + 0.45 * nx, 0.55 * by + 0.45 * ny, 0.55 * bz + 0.45 * nz
        m = 1.0 / np.sqrt(mx * mx + my * my + mz * mz)
        mx, my, mz = mx * m, my * m, mz * m
        facing = max(bx * half[0] + by * half[1] + bz * half[2], 0.0)
        shine = (0.11 * facing**22 + 0.09 * facing**90) * here[3]
        for c in range(3):
            sharp = _light(polynomial, bx, by, bz, c)
            share = 0.5 if c == 0 else (0.25 if c == 1 else 0.0)
            light = (1.0 - share) * sharp + share * _light(polynomial, mx, my, mz, c)
            out[i, c] = here[c] * light * here[3] + shine
    return out


@kernel
def vertex_normals(vertices, triangles):
    r"""(V, 3) area-weighted unit normals of vertices (V, 3), triangles (F, 3)."""
    normals = np.zeros_like(vertices)
    for f in range(len(triangles)):
        i, j, k = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        a = vertices[j] - vertices[i]
        b = vertices[k] - vertices[i]
        n0 = a[1] * b[2] - a[2] * b[1]
        n1 = a[2] * b[0] - a[0] * b[2]
        n2 = a[0] * b[1] - a[1] * b[0]
        for v in (i, j, k):
            normals[v, 0] += n0
            normals[v, 1] += n1
            normals[v, 2] += n2
    for v in range(len(normals)):
        length = max(np.sqrt((normals[v] ** 2).sum()), 1e-12)
        normals[v] /= length
    return normals
