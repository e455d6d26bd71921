r"""The z-buffer in plain torch, for any device: no loop over triangles, no custom kernel.

Each triangle's bounding box is expanded into its candidate pixels, all triangles at once; the edge functions
drop the candidates outside; what is left competes for its pixel through one ``scatter_reduce(amin)`` over
64-bit integers that hold the depth's 32 bits above the face's index. Positive floats order like their bits,
so the smallest integer is the nearest face and, between equal depths, the lowest index. The arithmetic is
that of :mod:`dnt_core.rendering.rasterizer_numba`, operation by operation, so that both give the same faces.
"""

from functools import partial

import torch

from dnt_core.rendering.mesh_check import NEAR
from dnt_core.rendering.precision import exact_dtype

# Candidate pixels expanded at once: bounds the memory (about 150 bytes each) whatever the mesh.
CANDIDATES = 1 << 21


def face_map_torch(
    screen: torch.Tensor, triangles: torch.Tensor, height: int, width: int, cull_backfaces: bool
) -> torch.Tensor:
    r"""The visible face of every pixel.

    Args:
        screen: (B, V, 3) float, (col, row, z_cam), pixel centres at integers.
        triangles: (F, 3) integer.
        height, width: size of the image in pixels.
        cull_backfaces: leave out faces that appear clockwise.

    Returns:
        (B, H, W) int64: packed index b * F + f, or -1.
    """
    batch, n_faces, device = screen.shape[0], triangles.shape[0], screen.device
    empty = torch.iinfo(torch.int64).max
    nearest = torch.full((batch * height * width,), empty, dtype=torch.int64, device=device)
    for b in range(batch):
        image = nearest[b * height * width : (b + 1) * height * width]
        _draw(screen[b].detach(), triangles.long(), height, width, cull_backfaces, image)
    face = nearest.view(batch, height, width) & 0xFFFFFFFF
    offset = n_faces * torch.arange(batch, device=device)[:, None, None]
    return torch.where(nearest.view(batch, height, width) == empty, -1, face + offset)


def _draw(vertices, triangles, height, width, cull_backfaces, nearest):
    """Draws one mesh into nearest (H·W,), the packed depth and face of every pixel, in place."""
    corner = [index.contiguous() for index in triangles.unbind(1)]  # gathering columns is the faster way
    x, y, z = ([column.index_select(0, index) for index in corner] for column in vertices.t().contiguous())
    # x, y, z: one (F,) for each of the three corners
    col_start, col_stop = _pixel_range(x, width)
    row_start, row_stop = _pixel_range(y, height)
    in_front = torch.minimum(torch.minimum(z[0], z[1]), z[2]) > NEAR
    drawn = (col_start <= col_stop) & (row_start <= row_stop) & in_front
    face = drawn.nonzero().squeeze(1)  # (D,)
    if not len(face):
        return
    pick = partial(torch.index_select, dim=0, index=face)
    x, y, z = ([pick(c).to(exact_dtype(face.device)) for c in corners] for corners in (x, y, z))
    # rows point down: a face seen from outside has area < 0
    area = (x[1] - x[0]) * (y[2] - y[0]) - (y[1] - y[0]) * (x[2] - x[0])
    sign, q = area.sign(), [1.0 / c for c in z]
    thresholds = _thresholds(x, y, sign)
    sides = [sign * c for c in y]  # then the edge functions are positive inside whichever way the face turns
    col_start, row_start = pick(col_start), pick(row_start)
    columns = pick(col_stop) - col_start + 1
    count = columns * (pick(row_stop) - row_start + 1) * (area < 0 if cull_backfaces else area != 0)
    ends = count.cumsum(0)
    total, done = int(ends[-1]), 0
    while done < len(face):
        # faces done … stop-1 have at most CANDIDATES candidate pixels together (or are one face alone)
        before = int(ends[done - 1]) if done else 0
        stop = len(face)
        if total - before > CANDIDATES:
            stop = max(done + 1, int(torch.searchsorted(ends, before + CANDIDATES, right=True)))
        which = torch.arange(done, stop, device=face.device).repeat_interleave(count[done:stop])  # (N,)
        order = torch.arange(before, before + len(which), device=face.device)
        step = (order - (ends - count).index_select(0, which)).int()
        wide = columns.index_select(0, which)
        down = torch.div(step, wide, rounding_mode="floor")
        row = row_start.index_select(0, which) + down
        col = col_start.index_select(0, which) + step - down * wide
        _compete((x, sides, q, sign, thresholds), face, which, row, col, width, nearest)
        done = stop


def _pixel_range(corners, size):
    """First and last pixel centre between three corners, inside the image; none when first > last."""
    low = torch.minimum(torch.minimum(corners[0], corners[1]), corners[2])
    high = torch.maximum(torch.maximum(corners[0], corners[1]), corners[2])
    return low.ceil().clamp(0, size).int(), high.floor().clamp(-1, size - 1).int()


def _thresholds(x, y, sign):
    """What each edge function must exceed: 0, or a hair less on the left and top edges, which a face owns."""
    thresholds = []
    for a, b in ((1, 2), (2, 0), (0, 1)):
        owns = (sign * (y[a] - y[b]) > 0) | ((y[a] == y[b]) & (sign * (x[b] - x[a]) > 0))
        thresholds.append(owns.to(sign.dtype).mul_(-torch.finfo(sign.dtype).tiny))
    return thresholds


def _compete(mesh, face, which, row, col, width, nearest):
    """Tests candidate pixels against their faces' edges; those inside compete for the pixel by depth."""
    x, sides, q, sign, thresholds = mesh
    column, side = col.to(sign.dtype), sign.index_select(0, which).mul_(row)
    u0, u1, u2 = (c.index_select(0, which).sub_(column) for c in x)
    v0, v1, v2 = (c.index_select(0, which).sub_(side) for c in sides)
    e0, e1, e2 = (u1 * v2).sub_(v1 * u2), (u2 * v0).sub_(v2 * u0), (u0 * v1).sub_(v0 * u1)
    t0, t1, t2 = (c.index_select(0, which) for c in thresholds)
    inside = ((e0 > t0) & (e1 > t1) & (e2 > t2)).nonzero().squeeze(1)
    e0, e1, e2, which = (values.index_select(0, inside) for values in (e0, e1, e2, which))
    q0, q1, q2 = (c.index_select(0, which) for c in q)
    weight = e0 * q0 + e1 * q1 + e2 * q2
    depth = ((e0 + e1 + e2) / weight).float()  # perspective-correct: 1 / Σ bᵢ/zᵢ
    packed = (depth.view(torch.int32).long() << 32) | face.index_select(0, which)
    pixel = row.index_select(0, inside) * width + col.index_select(0, inside)
    nearest.scatter_reduce_(0, pixel.long(), packed, reduce="amin")
