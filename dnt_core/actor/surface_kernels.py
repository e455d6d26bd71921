r"""Surfaces of the head, compiled: moved by muscles, posed, their normals, their place on the screen."""

from __future__ import annotations

import numpy as np

from dnt_core.cache.kernels import kernel

_CM = 0.1  # decimetres


@kernel(inline="always")
def _place(x, y, z, turn, shift, origin, out):
    r"""Centimetres (x, y, z) of the head → posed decimetres, into out (3,)."""
    x, y, z = (x - origin[0]) * _CM, (y - origin[1]) * _CM, (z - origin[2]) * _CM
    for k in range(3):
        out[k] = x * turn[k, 0] + y * turn[k, 1] + z * turn[k, 2] + shift[k]


@kernel
def deformed(rest, fields, weights, eyes, clearance, turn, shift, origin):
    r"""The face under movement weights, lids kept outside the eyeballs, posed.

    Args:
        rest: (V, 3) cm. fields: (64, V, 3) float32 cm per movement. weights: (64,).
        eyes: (2, 3) cm, centres; no vertex comes nearer to them than ``clearance`` cm.
        turn: (3, 3) rotation. shift: (3,) dm. origin: (3,) cm, of the face model.

    Returns:
        (V, 3) decimetres in camera space.
    """
    out = rest.copy()
    flat, flat_fields = out.reshape(-1), fields.reshape(len(fields), -1)  # a loop of vector instructions
    for m in range(len(weights)):
        w = weights[m]
        if w != 0.0:
            for i in range(len(flat)):
                flat[i] += w * flat_fields[m, i]
    for v in range(len(rest)):
        for e in range(len(eyes)):
            x, y, z = out[v, 0] - eyes[e, 0], out[v, 1] - eyes[e, 1], out[v, 2] - eyes[e, 2]
            squared = x * x + y * y + z * z
            if squared < clearance * clearance:
                grow = clearance / np.sqrt(squared)
                out[v, 0] = eyes[e, 0] + x * grow
                out[v, 1] = eyes[e, 1] + y * grow
                out[v, 2] = eyes[e, 2] + z * grow
        _place(out[v, 0], out[v, 1], out[v, 2], turn, shift, origin, out[v])
    return out


@kernel
def move_parts(vertices, normals, follows, share, offsets, rest_shift, turn, shift, origin):
    r"""All other parts, posed: those of the head turn with it, the body only by its share.

    Args:
        vertices: (V, 3) cm at rest. normals: (V, 3) at rest. follows: (V,) row of ``offsets``, 3: the body.
        share: (V,) in [0, 1], of the body. offsets: (4, 3) cm. rest_shift: (3,) dm, where the body stands.
        turn, shift, origin: as in :func:`deformed`.

    Returns:
        (V, 3) decimetres in camera space; (V, 3) normals, the body's not right.
    """
    out, turned = np.empty_like(vertices), np.empty_like(normals)
    for v in range(len(vertices)):
        f = follows[v]
        x, y, z = vertices[v, 0], vertices[v, 1], vertices[v, 2]
        _place(x + offsets[f, 0], y + offsets[f, 1], z + offsets[f, 2], turn, shift, origin, out[v])
        if f == 3:
            a = share[v]
            out[v, 0] = out[v, 0] * a + ((x - origin[0]) * _CM + rest_shift[0]) * (1.0 - a)
            out[v, 1] = out[v, 1] * a + ((y - origin[1]) * _CM + rest_shift[1]) * (1.0 - a)
            out[v, 2] = out[v, 2] * a + ((z - origin[2]) * _CM + rest_shift[2]) * (1.0 - a)
        for k in range(3):
            turned[v, k] = (
                normals[v, 0] * turn[k, 0] + normals[v, 1] * turn[k, 1] + normals[v, 2] * turn[k, 2]
            )
    return out, turned


@kernel
def vertex_normals(vertices, triangles):
    r"""(V, 3) area-weighted unit normals of vertices (V, 3), triangles (F, 3)."""
    normals = np.zeros_like(vertices)
    for f in range(len(triangles)):
        i, j, k = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        ax, ay, az = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        ux, uy, uz = vertices[j, 0] - ax, vertices[j, 1] - ay, vertices[j, 2] - az
        vx, vy, vz = vertices[k, 0] - ax, vertices[k, 1] - ay, vertices[k, 2] - az
        x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for corner in (i, j, k):
            normals[corner, 0] += x
            normals[corner, 1] += y
            normals[corner, 2] += z
    for v in range(len(normals)):
        x, y, z = normals[v, 0], normals[v, 1], normals[v, 2]
        length = max(np.sqrt(x * x + y * y + z * z), 1e-12)
        normals[v, 0], normals[v, 1], normals[v, 2] = x / length, y / length, z / length
    return normals


@kernel
def to_screen(vertices, scale, focal, across, up, distance):
    r"""Posed vertices on the screen of a camera, rounded to float32 as a picture's back-ends do.

    Args:
        vertices: (V, 3) dm. scale: px per px of the reference image. focal: px of the reference image.
        across, up: px of the reference image, where the axis lands, from its left and upper edge.
        distance: dm of the camera from the origin.

    Returns:
        (V, 3) float64 column, row, z_cam; (V,) 1 / z_cam.
    """
    screen, inverse = np.empty_like(vertices), np.empty(len(vertices))
    for v in range(len(vertices)):
        z = distance - vertices[v, 2]
        ratio = focal / (z if abs(z) > 1e-15 else 1e-15)
        screen[v, 0] = np.float32(scale * (ratio * vertices[v, 0] + across) - 0.5)
        screen[v, 1] = np.float32(scale * (up - ratio * vertices[v, 1]) - 0.5)
        screen[v, 2] = np.float32(z)
        inverse[v] = 1.0 / screen[v, 2] if screen[v, 2] != 0.0 else np.inf
    return screen, inverse
