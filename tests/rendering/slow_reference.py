r"""The rasteriser as one would write it first: loops over images, pixels and triangles, coverage in exact
fractions.

The oracle of the tests: nothing here is shared with dnt_core.
"""

from fractions import Fraction

import numpy as np
import torch


def owns_edge(a, b, orientation) -> bool:
    r"""Top-left rule for an edge a→b of a triangle with that orientation (rows point down)."""
    (ax, ay), (bx, by) = (
        (a, b) if orientation > 0 else (b, a)
    )  # walk so that the inside is on the positive side
    return by < ay or (by == ay and bx > ax)


def covers(corners, p) -> bool:
    r"""Does the triangle cover pixel centre p? Exact, whatever the numbers."""
    (ax, ay), (bx, by), (cx, cy) = corners
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if area == 0:
        return False
    for a, b in ((corners[0], corners[1]), (corners[1], corners[2]), (corners[2], corners[0])):
        side = ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])) * (1 if area > 0 else -1)
        if side < 0 or (side == 0 and not owns_edge(a, b, 1 if area > 0 else -1)):
            return False
    return True


def barycentrics(vertices: torch.Tensor, col: int, row: int) -> tuple[torch.Tensor, torch.Tensor]:
    r"""(3, 3) corners (col, row, z) → perspective-correct barycentrics (3,) and depth, as PyTorch3D's
    documentation has it."""
    (x0, y0, z0), (x1, y1, z1), (x2, y2, z2) = vertices
    area = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)
    b0 = ((x1 - col) * (y2 - row) - (y1 - row) * (x2 - col)) / area
    b1 = ((x2 - col) * (y0 - row) - (y2 - row) * (x0 - col)) / area
    b2 = 1 - b0 - b1
    top = torch.stack([b0 * z1 * z2, z0 * b1 * z2, z0 * z1 * b2])
    bary = top / top.sum()
    return bary, (bary * torch.stack([z0, z1, z2])).sum()


def rasterize_slowly(screen, triangles, height, width, cull_backfaces=False):
    r"""(B, V, 3), (F, 3) → pix_to_face (B, H, W), zbuf (B, H, W), bary (B, H, W, 3), differentiable, in
    screen's dtype."""
    batch, n_faces = screen.shape[0], triangles.shape[0]
    face_map = np.full((batch, height, width), -1, dtype=np.int64)
    zbuf, bary = {}, {}
    for b in range(batch):
        exact = [[Fraction(value) for value in vertex[:2]] for vertex in screen[b].tolist()]
        for f, corner in enumerate(triangles.tolist()):
            depth = screen[b, corner, 2].tolist()
            corners = [exact[v] for v in corner]
            (ax, ay), (bx, by), (cx, cy) = corners
            clockwise = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) > 0  # as seen: rows point down
            if min(depth) <= 1e-6 or (cull_backfaces and clockwise):
                continue
            for row in range(height):
                for col in range(width):
                    if not covers(corners, (col, row)):
                        continue
                    weights, z = barycentrics(screen[b, corner].double(), col, row)
                    if face_map[b, row, col] < 0 or np.float32(z.item()) < np.float32(
                        zbuf[b, row, col].item()
                    ):
                        face_map[b, row, col] = b * n_faces + f
                        zbuf[b, row, col], bary[b, row, col] = z, weights
    empty = torch.full((batch, height, width, 4), -1.0, dtype=torch.float64)
    rows = [
        torch.cat([zbuf[key][None], bary[key]]) if key in zbuf else empty[key]
        for key in np.ndindex(batch, height, width)
    ]
    both = torch.stack(rows).view(batch, height, width, 4).to(screen.dtype)
    return torch.from_numpy(face_map), both[..., 0], both[..., 1:]
