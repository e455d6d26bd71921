r"""One picture of the actor, pixel by pixel, compiled: what is in front is painted and averaged down."""

from __future__ import annotations

import numpy as np

from dnt_core.actor.head_parts import MATERIALS
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
from dnt_core.actor.skin_kernels import BATCH, BLUE, GREEN, LEFT, NORMAL, RED, light_factor, shade_batch
from dnt_core.cache.kernels import kernel

OVERSAMPLING = 2
_SKIN, _EAR, _HAIR, _SHIRT, _EYE, _TEETH = (
    MATERIALS.index(m) for m in ("skin", "ear", "hair", "shirt", "eye", "teeth")
)


@kernel(fastmath=True, forceinline=True)
def _bilinear(texture, u, v, channels, out, step_out):
    r"""A texture's first channels, a number that the compiler knows, into out[0], out[step_out] …"""
    size = texture.shape[0]
    x = min(max(u * size - 0.5, 0.0), size - 1.001)
    y = min(max((1.0 - v) * size - 0.5, 0.0), size - 1.001)
    c, r, step = np.uint64(x), np.uint64(y), np.uint64(1)
    a, b = np.float32(x - np.float64(c)), np.float32(y - np.float64(r))
    p, q = np.float32(1.0) - a, np.float32(1.0) - b
    for k in range(channels):
        top = texture[r, c, k] * (p * q) + texture[r, c + step, k] * (a * q)
        out[k * step_out] = top + texture[r + step, c, k] * (p * b) + texture[r + step, c + step, k] * (a * b)


@kernel(fastmath=True, forceinline=True)
def _weights(screen, inverse, triangles, f, row, col):
    r"""The face's corners and the perspective-correct barycentrics of a pixel centre on it."""
    # unsigned: numba need not look whether they count from the end
    i, j, k = np.uint64(triangles[f, 0]), np.uint64(triangles[f, 1]), np.uint64(triangles[f, 2])
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


@kernel(fastmath=True, forceinline=True)
def _empty_batch(face, maps, places, batch, filled, polynomials, half, total):
    r"""Adds the first ``filled`` pixels of skin, lit, to the sums of their columns (S, 3).

    ``places`` (5, BATCH) holds their triangles, rows, columns; u and v are put there. Each step is a loop of
    its own without branches, so that a processor waits for many texels at once.
    """
    (screen, inverse, triangles), normals, uv = face
    for i in range(filled):
        on = _weights(screen, inverse, triangles, np.int64(places[0, i]), places[1, i], places[2, i])
        places[3, i], places[4, i] = _mix(uv, on, 0), _mix(uv, on, 1)
        for k in range(3):
            batch[NORMAL + k * BATCH + i] = _mix(normals, on, k)
    for i in range(filled):
        _bilinear(maps, places[3, i], places[4, i], 6, batch[i:], BATCH)
    shade_batch(batch, polynomials, half)
    for i in range(filled):
        c = np.int64(places[2, i]) // OVERSAMPLING
        total[c, 0] += batch[RED + i]
        total[c, 1] += batch[GREEN + i]
        total[c, 2] += batch[BLUE + i]


@kernel(fastmath=True, forceinline=True)
def _look_into_eye(at, positions, centres, side, axes, eye, light, colors, noise, out):
    r"""The eyeball's colour, and how far it covers the skin, where the lids' map is ``eye`` (2,)."""
    x, y, z = (
        _mix(positions, at, 0) - centres[side, 0],
        _mix(positions, at, 1) - centres[side, 1],
        _mix(positions, at, 2) - centres[side, 2],
    )
    p = x * axes[0, 0] + y * axes[1, 0] + z * axes[2, 0]
    q = x * axes[0, 1] + y * axes[1, 1] + z * axes[2, 1]
    s = x * axes[0, 2] + y * axes[1, 2] + z * axes[2, 2]
    n = 1.0 / max(np.sqrt(p * p + q * q + s * s), 1e-9)
    paint_eye(p * n, q * n, s * n, -eye[0], eye[1], light, colors, noise, out)
    return min(max(-eye[0] / 0.05, 0.0), 1.0)


@kernel(fastmath=True, forceinline=True)
def paint_part(material, across, along, height, x, y, z, lights, colors, style, noise, out):
    r"""Any part but the face, at a pixel with the normal (x, y, z), ``height`` dm above the camera's axis."""
    polynomials, light, half = lights
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
        out[0] *= light_factor(polynomials[0], x, y, z)
        out[1] *= light_factor(polynomials[1], x, y, z)
        out[2] *= light_factor(polynomials[2], x, y, z)
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
        lights: numbers, no arrays (numba would count who holds them per pixel): three times the 9 of a
            polynomial; 3 of the key light's direction; 3 of the half vector.
        person: (colors (6, 3), style of the hair, noise tables).
    """
    (screen, inverse, triangles), normals, uv = face
    (
        (screen_behind, inverse_behind, triangles_behind),
        normals_behind,
        coordinates,
        positions,
        material,
        right_eye,
    ) = behind
    centres, axes = eyes
    polynomials, light, half = lights
    colors, style, noise = person
    eye, color, other = np.empty(2, np.float32), np.empty(3), np.empty(3)
    places, batch = np.zeros((5, BATCH)), np.ones(10 * BATCH, np.float32)
    size, n = picture.shape[0], OVERSAMPLING
    total, bare = np.empty((size, 3)), np.empty(size)
    darker = 0.55 * (np.arange(size * n) / (size * n) - 0.42) ** 2
    soft = np.float32(half[0]), np.float32(half[1]), np.float32(half[2])
    for r in range(size):
        total[:], bare[:] = 0.0, 0.0
        filled = np.int64(0)  # no literal, of which numba would compile a second _empty_batch
        for row in range(r * n, r * n + n):
            bright = 1.06 - 0.55 * (row / (size * n) - 0.38) ** 2
            for col in range(size * n):
                c = col // n
                f, g = face_map[row, col], behind_map[row, col]
                if f < 0 and g < 0:  # the backdrop: one colour, brighter in the middle
                    bare[c] += bright - darker[col]
                    continue
                skin = f >= 0
                if g >= 0:
                    at = _weights(screen_behind, inverse_behind, triangles_behind, g, row, col)
                    across, along = _mix(coordinates, at, 0), _mix(coordinates, at, 1)
                    if skin and not face_depth[row, col] < behind_depth[row, col] + np.float32(1e-4):
                        # the face shows between the hairline's strands
                        skin = material[g] == _HAIR and between_strands(across, along, style, noise)
                    if not skin:
                        x, y = _mix(normals_behind, at, 0), _mix(normals_behind, at, 1)
                        z, height = _mix(normals_behind, at, 2), _mix(positions, at, 1)
                        paint_part(
                            material[g], across, along, height, x, y, z, lights, colors, style, noise, color
                        )
                        for k in range(3):
                            total[c, k] += color[k]
                        continue
                batch[LEFT + filled] = 1.0
                if g >= 0 and material[g] == _EYE:
                    on = _weights(screen, inverse, triangles, f, row, col)
                    _bilinear(eye_map, _mix(uv, on, 0), _mix(uv, on, 1), 2, eye, 1)
                    if eye[0] < 0.0:
                        side = 0 if right_eye[g] else 1
                        cover = _look_into_eye(
                            at, positions, centres, side, axes, eye, light, colors, noise, other
                        )
                        batch[LEFT + filled] = 1.0 - cover
                        for k in range(3):
                            total[c, k] += other[k] * cover
                places[0, filled], places[1, filled], places[2, filled] = f, row, col
                filled += 1
                if filled == BATCH:
                    _empty_batch(face, maps, places, batch, filled, polynomials, soft, total)
                    filled = np.int64(0)
        if filled:
            _empty_batch(face, maps, places, batch, filled, polynomials, soft, total)
        for c in range(size):
            for k in range(3):
                mean = min(max((total[c, k] + colors[BACKDROP, k] * bare[c]) / (n * n), 0.0), 1.0)
                picture[r, c, k] = np.uint8(mean * 255.0 + 0.5)
