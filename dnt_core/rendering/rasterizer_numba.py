r"""The z-buffer compiled with numba: a few milliseconds a frame on one core of a laptop.

Every triangle is visited once; for each pixel centre in its bounding box the three edge functions
:math:`E_i(p) = (a - p) \times (b - p)` are evaluated in float64. In this form, centred on the pixel,
:math:`E` of an edge and of the same edge walked the other way are *exactly* opposite numbers, so two
triangles that share an edge always agree about which side a pixel lies on; a pixel exactly on the edge goes
to one of them by the top-left rule.
"""

import os

import numpy as np

from dnt_core.cache.kernels import kernel
from dnt_core.own_process import kept_threads
from dnt_core.rendering.mesh_check import NEAR, check_mesh


@kernel(inline="always")
def _pixel_range(lo, hi, first, last):
    """First and last integer in [lo, hi], clipped to [first, last]; empty when the first exceeds the last."""
    # without a branch, which a processor would guess wrongly for every second triangle of a pixel's size
    start = max(first, int(np.ceil(min(max(lo, first - 1.0), last + 1.0))))
    stop = min(last, int(np.floor(max(min(hi, last + 1.0), first - 1.0))))
    return start, stop


@kernel(inline="always")
def _owns(ax, ay, bx, by, sign):
    """Does the triangle own pixel centres exactly on its edge a→b? Yes on its left and its top edges."""
    return sign * (ay - by) > 0.0 or (ay == by and sign * (bx - ax) > 0.0)


# a triangle is narrow where looking for a row's first column costs more than it saves; a large one's places
# on the screen are too coarse for it, as is an edge that is flatter than _STEEP
_NARROW, _LARGE, _STEEP, _SLACK = 4, 1e5, 1e-3, 0.01  # px


@kernel(inline="always")
def _inside(step, at, left, right):
    """The part of left … right where an edge function that is 0 at ``at / step`` is not negative."""
    if step > _STEEP:
        left = max(left, at / step)
    elif step < -_STEEP:
        right = min(right, at / step)
    return left, right


@kernel(forceinline=True)
def _fill_triangle(mesh, f, first_row, last_row, cull_backfaces, near, face_map, depth_map):
    """Draws triangle f into rows first_row … last_row of face_map (-1) and depth_map (inf), in place."""
    vertices, inverse_depth, triangles = mesh
    i0, i1, i2 = triangles[f, 0], triangles[f, 1], triangles[f, 2]
    y0, y1, y2 = vertices[i0, 1], vertices[i1, 1], vertices[i2, 1]
    row_start, row_stop = _pixel_range(min(y0, y1, y2), max(y0, y1, y2), first_row, last_row)
    if row_start > row_stop:
        return
    x0, x1, x2 = vertices[i0, 0], vertices[i1, 0], vertices[i2, 0]
    col_start, col_stop = _pixel_range(min(x0, x1, x2), max(x0, x1, x2), 0, face_map.shape[1] - 1)
    if col_start > col_stop:
        return
    nearest = min(vertices[i0, 2], vertices[i1, 2], vertices[i2, 2])
    if nearest <= near:
        return
    # rows point down: a face seen from outside has area < 0
    area = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)
    if area == 0.0 or (cull_backfaces and area > 0.0):
        return
    sign = 1.0 if area > 0.0 else -1.0
    q0, q1, q2 = inverse_depth[i0], inverse_depth[i1], inverse_depth[i2]
    nearest = np.float32(nearest * (1.0 - 1e-6))  # before every pixel of the triangle, whatever is rounded
    d0, d1, d2 = sign * (y1 - y2), sign * (y2 - y0), sign * (y0 - y1)  # how E grows from column to column
    large = max(x0, x1, x2) - min(x0, x1, x2) + max(y0, y1, y2) - min(y0, y1, y2)
    narrow = col_stop - col_start < _NARROW or large > _LARGE
    for row in range(row_start, row_stop + 1):
        v0, v1, v2 = sign * (y0 - row), sign * (y1 - row), sign * (y2 - row)
        start, stop = col_start, col_stop
        if not narrow:
            left, right = _inside(d0, v1 * x2 - x1 * v2, float(start), float(stop))
            left, right = _inside(d1, v2 * x0 - x2 * v0, left, right)
            left, right = _inside(d2, v0 * x1 - x0 * v1, left, right)
            start, stop = int(left + (1.0 - _SLACK)), int(right + _SLACK)
        for col in range(start, stop + 1):
            if depth_map[row, col] <= nearest:
                continue
            u0, u1, u2 = x0 - col, x1 - col, x2 - col
            e0, e1, e2 = u1 * v2 - v1 * u2, u2 * v0 - v2 * u0, u0 * v1 - v0 * u1
            if min(e0, e1, e2) < 0.0:
                continue
            if (
                (e0 == 0.0 and not _owns(x1, y1, x2, y2, sign))
                or (e1 == 0.0 and not _owns(x2, y2, x0, y0, sign))
                or (e2 == 0.0 and not _owns(x0, y0, x1, y1, sign))
            ):
                continue
            weight = e0 * q0 + e1 * q1 + e2 * q2
            if weight > 0.0:
                depth = np.float32((e0 + e1 + e2) / weight)  # perspective-correct: 1 / Σ bᵢ/zᵢ
                if depth < depth_map[row, col]:  # on a tie the lower face index, drawn earlier, stays
                    depth_map[row, col] = depth
                    face_map[row, col] = f


@kernel
def _fill_band(mesh, first_row, last_row, cull_backfaces, near, face_map, depth_map):
    """Draws all triangles into rows first_row … last_row of face_map (-1) and depth_map (inf), in place."""
    for f in range(len(mesh[2])):
        _fill_triangle(mesh, f, first_row, last_row, cull_backfaces, near, face_map, depth_map)


@kernel
def _fill_barycentrics(mesh, first_row, last_row, face_map, depth_map, bary):
    """Perspective-correct barycentrics of the winning faces; -1 in all maps where there is none."""
    vertices, inverse_depth, triangles = mesh
    for row in range(first_row, last_row + 1):
        for col in range(face_map.shape[1]):
            f = face_map[row, col]
            if f < 0:
                depth_map[row, col] = -1.0
                bary[row, col, 0] = bary[row, col, 1] = bary[row, col, 2] = -1.0
                continue
            i0, i1, i2 = triangles[f, 0], triangles[f, 1], triangles[f, 2]
            u0, u1, u2 = vertices[i0, 0] - col, vertices[i1, 0] - col, vertices[i2, 0] - col
            v0, v1, v2 = vertices[i0, 1] - row, vertices[i1, 1] - row, vertices[i2, 1] - row
            w0 = (u1 * v2 - v1 * u2) * inverse_depth[i0]
            w1 = (u2 * v0 - v2 * u0) * inverse_depth[i1]
            w2 = (u0 * v1 - v0 * u1) * inverse_depth[i2]
            scale = 1.0 / (w0 + w1 + w2)
            bary[row, col, 0], bary[row, col, 1], bary[row, col, 2] = w0 * scale, w1 * scale, w2 * scale


def fill_depth(screen, inverse_depth, triangles, face, depth):
    r"""Z-buffers one mesh that is known to be sound into buffers that are there already, without checks.

    Args:
        screen: (V, 3) float64 of (col, row, z_cam), C-contiguous. inverse_depth: (V,) float64, 1 / z_cam.
        triangles: (F, 3) int32.
        face: (H, W) int32, filled with the index of the visible face, -1 off the mesh.
        depth: (H, W) float32, filled with z_cam, inf off the mesh.
    """
    face.fill(-1)
    depth.fill(np.inf)
    _fill_band((screen, inverse_depth, triangles), 0, face.shape[0] - 1, False, NEAR, face, depth)


_TILE = 8  # px


@kernel
def _fill_behind(mesh, front_map, front_depth, see_through, near, face_map, depth_map):
    """What :func:`fill_behind` does; the buffers' sides are whole tiles."""
    vertices, _, triangles = mesh
    side = face_map.shape[0]
    face_map[:] = -1
    for row in range(side):
        for col in range(side):
            f = front_map[row, col]
            depth_map[row, col] = np.inf if f < 0 or see_through[f] else front_depth[row, col]
    tiles = side // _TILE
    farthest = np.empty((tiles, tiles), np.float32)
    waiting, n_waiting = np.empty(len(triangles), np.int32), 0
    for turn in range(2):  # triangles seen from outside first: most of the others lie behind them
        for r in range(tiles):
            for c in range(tiles):
                deepest = np.float32(-np.inf)
                for row in range(r * _TILE, (r + 1) * _TILE):
                    for col in range(c * _TILE, (c + 1) * _TILE):
                        deepest = max(deepest, depth_map[row, col])
                farthest[r, c] = deepest
        for k in range(len(triangles) if turn == 0 else n_waiting):
            f = k if turn == 0 else waiting[k]
            i0, i1, i2 = triangles[f, 0], triangles[f, 1], triangles[f, 2]
            x0, y0, x1, y1 = vertices[i0, 0], vertices[i0, 1], vertices[i1, 0], vertices[i1, 1]
            x2, y2 = vertices[i2, 0], vertices[i2, 1]
            if turn == 0 and (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0) > 0.0:
                waiting[n_waiting] = f
                n_waiting += 1
                continue
            top, bottom = _pixel_range(min(y0, y1, y2), max(y0, y1, y2), 0, side - 1)
            left, right = _pixel_range(min(x0, x1, x2), max(x0, x1, x2), 0, side - 1)
            if top > bottom or left > right:
                continue
            nearest = np.float32(min(vertices[i0, 2], vertices[i1, 2], vertices[i2, 2]) * (1.0 - 1e-6))
            hidden = True
            for r in range(top // _TILE, bottom // _TILE + 1):
                for c in range(left // _TILE, right // _TILE + 1):
                    hidden = hidden and nearest > farthest[r, c]
            if not hidden:
                # typed as in _fill_band: for constants of the source it would be compiled a second time
                top_row, cull = np.int64(0), np.bool_(False)
                _fill_triangle(mesh, f, top_row, side - 1, cull, near, face_map, depth_map)


def fill_behind(screen, inverse_depth, triangles, front, see_through, face, depth):
    r"""Z-buffers a sound mesh where it is not hidden by a surface that is drawn already.

    Args:
        screen, inverse_depth, triangles: as in :func:`fill_depth`.
        front: the surface before it, as :func:`fill_depth` filled ``face`` and ``depth``, (N, N) each; N
            divides by 8.
        see_through: (F',) bool, triangles of that surface behind which the mesh is wanted all the same.
        face: (N, N) int32, filled with the index of the nearest face, -1 where there is none or it is hidden.
        depth: (N, N) float32, filled with z_cam or the depth of what hides the mesh, inf where nothing is.

    Equal depths go to the lowest index among the faces seen from outside, then among the others.
    """
    _fill_behind((screen, inverse_depth, triangles), *front, see_through, NEAR, face, depth)


def rasterize_batch_numpy(screen, triangles, height, width, cull_backfaces=False, threads=1, with_bary=True):
    r"""Z-buffers a batch of posed meshes with one topology.

    The kernels release the GIL, so frames (and, for small batches, bands of rows) are shared out over plain
    threads. numba's own ``prange`` is not used: its default thread pool ends the process when two Python
    threads, such as two widget callbacks, enter it.

    Args:
        screen: (B, V, 3) float array of (col, row, z_cam): pixels with integer pixel centres, depth along the
            camera's axis.
        triangles: (F, 3) integer array of vertex indices.
        height, width: size of the image in pixels.
        cull_backfaces: leave out faces that appear clockwise.
        threads: share the work over so many threads; 0 means one per core. The result does not depend on it.
        with_bary: also compute barycentrics; otherwise the returned ``bary`` is empty and ``depth`` is inf
            off the mesh.

    Returns:
        face (B, H, W) int32, index of the face in 0 … F-1 or -1; bary (B, H, W, 3) float32,
        perspective-correct, -1 off the mesh; depth (B, H, W) float32, z_cam, -1 off the mesh.

    Raises:
        ValueError: wrong shapes, a number that is not finite, a vertex index out of range.
    """
    screen, triangles = np.asarray(screen), np.asarray(triangles)
    check_mesh(screen, triangles, height, width)
    vertices = np.require(screen, np.float64, ("C", "W"))  # one type, so that one kernel is compiled
    triangles = np.require(triangles, np.int32, ("C", "W"))
    batch = vertices.shape[0]
    with np.errstate(divide="ignore"):
        inverse_depth = 1.0 / vertices[..., 2]
    face = np.full((batch, height, width), -1, dtype=np.int32)
    depth = np.full((batch, height, width), np.inf, dtype=np.float32)
    bary = np.empty((batch, height, width, 3) if with_bary else (batch, 0, 0, 3), dtype=np.float32)
    threads = threads or os.cpu_count() or 1
    bands = min(max(1, threads // max(batch, 1)), max(1, height // 32))
    limits = [round(height * k / bands) for k in range(bands + 1)]

    def job(item):
        b, k = item
        mesh, first, last = (vertices[b], inverse_depth[b], triangles), limits[k], limits[k + 1] - 1
        _fill_band(mesh, first, last, cull_backfaces, NEAR, face[b], depth[b])
        if with_bary:
            _fill_barycentrics(mesh, first, last, face[b], depth[b], bary[b])

    items = [(b, k) for b in range(batch) for k in range(bands)]
    if threads == 1 or len(items) == 1:
        for item in items:
            job(item)
    else:
        list(kept_threads("rasterize", threads).map(job, items))
    return face, bary, depth
