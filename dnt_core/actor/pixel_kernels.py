r"""One picture of the actor, pixel by pixel, compiled: what is in front is painted and averaged down."""

from __future__ import annotations

import numpy as np

from dnt_core.actor.head_parts import EYE_RADIUS, MATERIALS
from dnt_core.actor.painting import (
    BACKDROP,
    between_strands,
    paint_ear,
    paint_eye,
    paint_hair,
    paint_mouth,
    paint_neck,
    paint_shirt,
    paint_teeth,
)
from dnt_core.cache.kernels import kernel

OVERSAMPLING = 2
_SKIN, _EAR, _HAIR, _SHIRT, _EYE, _TEETH = (
    MATERIALS.index(m) for m in ("skin", "ear", "hair", "shirt", "eye", "teeth")
)


@kernel(fastmath=True, forceinline=True)
def _bilinear(texture, u, v, out):
    size = texture.shape[0]
    x = min(max(u * size - 0.5, 0.0), size - 1.001)
    y = min(max((1.0 - v) * size - 0.5, 0.0), size - 1.001)
    c, r = int(x), int(y)
    a, b = np.float32(x - c), np.float32(y - r)
    one = np.float32(1.0)
    for k in range(texture.shape[2]):
        top = texture[r, c, k] * (one - a) + texture[r, c + 1, k] * a
        low = texture[r + 1, c, k] * (one - a) + texture[r + 1, c + 1, k] * a
        out[k] = top * (one - b) + low * b


@kernel(fastmath=True, forceinline=True)
def _light(p, x, y, z, c):
    return (p[0, c] + p[1, c] * x + p[2, c] * y + p[3, c] * z + p[4, c] * x * y + p[5, c] * y * z
            + p[6, c] * z * z + p[7, c] * x * z + p[8, c] * (x * x - y * y))  # fmt: skip


@kernel(fastmath=True, forceinline=True)
def _weights(mesh, f, row, col):
    r"""The face's corners and the perspective-correct barycentrics of a pixel centre on it."""
    screen, inverse, triangles = mesh
    i, j, k = triangles[f, 0], triangles[f, 1], triangles[f, 2]
    ax, ay = screen[i, 0] - col, screen[i, 1] - row
    bx, by = screen[j, 0] - col, screen[j, 1] - row
    cx, cy = screen[k, 0] - col, screen[k, 1] - row
    wa = (bx * cy - by * cx) * inverse[i]
    wb = (cx * ay - cy * ax) * inverse[j]
    wc = (ax * by - ay * bx) * inverse[k]
    scale = 1.0 / (wa + wb + wc)
    return i, j, k, wa * scale, wb * scale, wc * scale


@kernel(fastmath=True, forceinline=True)
def _mix(values, corners, c):
    i, j, k, a, b, d = corners
    return a * values[i, c] + b * values[j, c] + d * values[k, c]


@kernel(fastmath=True)
def blend_folds(base, folds, boxes, starts, amounts, out):
    r"""out (T, T) = base (T, T) + Σ amount · fold, each fold only inside its box.

    Args:
        folds: all boxes' texels, one fold after the other, float32. boxes: (K, 4) first and last row, first
            and last column, the last not included. starts: (K,) where a fold begins. amounts: (K,) float32.
    """
    out[:] = base
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
def shade_skin(here, nx, ny, nz, polynomial, half, out):
    r"""Lit skin: the normal bent by relief, blood scattering red light, a soft shine towards ``half``.

    here: (6,) of :func:`relief_to_maps`. (nx, ny, nz): unit normal. polynomial: (9, 3). half: (3,).
    """
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
        light = _light(polynomial, bx, by, bz, c)
        if c < 2:
            share = 0.5 if c == 0 else 0.25
            light = (1.0 - share) * light + share * _light(polynomial, mx, my, mz, c)
        out[c] = here[c] * light * here[3] + shine


@kernel(fastmath=True, forceinline=True)
def paint_part(material, across, along, height, x, y, z, lights, colors, style, noise, out):
    r"""Any part but the face, at a pixel with the normal (x, y, z), ``height`` dm above the camera's axis."""
    polynomial, light, half = lights
    n = 1.0 / max(np.sqrt(x * x + y * y + z * z), 1e-9)
    n = -n if z < 0.0 else n
    x, y, z = x * n, y * n, z * n
    if material == _HAIR:
        paint_hair(across, along, x, y, z, light, half, colors, style, noise, out)
    elif material == _SHIRT:
        paint_shirt(across, along, x, y, z, light, colors, noise, out)
    elif material == _SKIN or material == _EAR:
        if material == _EAR:
            paint_ear(across, colors, out)
        else:
            paint_neck(height, colors, out)
        for c in range(3):
            out[c] *= _light(polynomial, x, y, z, c)
    elif material == _TEETH:
        paint_teeth(across, along, x, y, z, light, out)
    elif material == _EYE:  # not between the lids
        out[:] = 0.0
    else:
        paint_mouth(material, across, x, y, z, light, noise, out)


@kernel(fastmath=True)
def draw(
    face, face_map, face_depth, behind, behind_map, behind_depth, eyes, maps, eye_map, lights, person, picture
):
    r"""The picture (S, S, 3) uint8 from both z-buffers of OVERSAMPLING times its side.

    Args:
        face: (mesh, normals (V, 3), uv (V, 2)); a mesh is (screen (V, 3), 1 / z (V,), triangles (F, 3)).
        face_map, behind_map: (N, N) int32 triangle or -1. face_depth, behind_depth: (N, N) z_cam, dm.
        behind: (mesh, normals (V, 3), coordinates (V, 2), positions (V, 3) dm, material (F,),
            right_eye (F,)).
        eyes: (centres (2, 3) dm, axes (3, 3) columns).
        maps: (T, T, 6) of :func:`relief_to_maps`. eye_map: (T, T, 2) cm to the lids, in the upper half.
        lights: (polynomial (9, 3), key light (3,), half vector (3,)).
        person: (colors (6, 3), style of the hair, noise tables).
    """
    mesh, normals, uv = face
    mesh_behind, normals_behind, coordinates, positions, material, right_eye = behind
    centres, axes = eyes
    polynomial, light, half = lights
    colors, style, noise = person
    here, eye = np.empty(6, np.float32), np.empty(2, np.float32)
    color, other, total = np.empty(3), np.empty(3), np.empty(3)
    size, n = picture.shape[0], OVERSAMPLING
    for r in range(size):
        for c in range(size):
            total[:] = 0.0
            for row in range(r * n, r * n + n):
                for col in range(c * n, c * n + n):
                    f, g = face_map[row, col], behind_map[row, col]
                    across = along = 0.0
                    skin = f >= 0
                    if g >= 0:
                        at = _weights(mesh_behind, g, row, col)
                        across, along = _mix(coordinates, at, 0), _mix(coordinates, at, 1)
                        if skin and not face_depth[row, col] < behind_depth[row, col] + np.float32(1e-4):
                            combed = material[g] == _HAIR and between_strands(across, along, style, noise)
                            skin = combed  # the face shows between the hairline's strands
                    if skin:
                        on = _weights(mesh, f, row, col)
                        x, y, z = _mix(normals, on, 0), _mix(normals, on, 1), _mix(normals, on, 2)
                        length = 1.0 / max(np.sqrt(x * x + y * y + z * z), 1e-9)
                        u, v = _mix(uv, on, 0), _mix(uv, on, 1)
                        _bilinear(maps, u, v, here)
                        shade_skin(here, x * length, y * length, z * length, polynomial, half, color)
                        if g >= 0 and material[g] == _EYE:
                            _bilinear(eye_map, u, v, eye)
                            if eye[0] < 0.0:
                                side = 0 if right_eye[g] else 1
                                x = _mix(positions, at, 0) - centres[side, 0]
                                y = _mix(positions, at, 1) - centres[side, 1]
                                z = _mix(positions, at, 2) - centres[side, 2]
                                p = x * axes[0, 0] + y * axes[1, 0] + z * axes[2, 0]
                                q = x * axes[0, 1] + y * axes[1, 1] + z * axes[2, 1]
                                s = x * axes[0, 2] + y * axes[1, 2] + z * axes[2, 2]
                                length = 1.0 / max(np.sqrt(p * p + q * q + s * s), 1e-9 * EYE_RADIUS * 0.1)
                                p, q, s = p * length, q * length, s * length
                                paint_eye(p, q, s, -eye[0], eye[1], light, colors, noise, other)
                                blend = min(max(-eye[0] / 0.05, 0.0), 1.0)
                                for k in range(3):
                                    color[k] = color[k] * (1.0 - blend) + other[k] * blend
                    elif g >= 0:
                        x, y = _mix(normals_behind, at, 0), _mix(normals_behind, at, 1)
                        z, height = _mix(normals_behind, at, 2), _mix(positions, at, 1)
                        paint_part(
                            material[g], across, along, height, x, y, z, lights, colors, style, noise, color
                        )
                    else:  # the backdrop: one colour, brighter in the middle
                        y, x = row / (size * n) - 0.5, col / (size * n) - 0.5
                        glow = 1.06 - 0.55 * ((x + 0.08) ** 2 + (y + 0.12) ** 2)
                        for k in range(3):
                            color[k] = colors[BACKDROP, k] * glow
                    for k in range(3):
                        total[k] += color[k]
            for k in range(3):
                mean = min(max(total[k] / (n * n), 0.0), 1.0)
                picture[r, c, k] = np.uint8(mean * 255.0 + 0.5)
