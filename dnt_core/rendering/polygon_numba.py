r"""Which pixel centres lie inside a polygon, compiled with numba: tens of microseconds for a mouth."""

from __future__ import annotations

from dnt_core.cache.kernels import kernel


@kernel
def fill_polygon(loop, first_row, first_column, mask):
    r"""Fills mask (h, w) with 1 where a pixel centre lies inside the closed loop (even-odd rule), else 0.

    A ray to the right of the pixel centre crosses the loop an odd number of times; an edge's lower end is
    left out, and a centre on the polygon's left or top edge is inside.

    Args:
        loop: (K, 2) float64, column and row of its corners.
        first_row, first_column: of the mask's first pixel.
        mask: (h, w), filled in place.
    """
    corners = len(loop)
    for i in range(mask.shape[0]):
        row = float(first_row + i)
        for j in range(mask.shape[1]):
            mask[i, j] = 0
        for k in range(corners):
            ax, ay = loop[k, 0], loop[k, 1]
            bx, by = loop[(k + 1) % corners, 0], loop[(k + 1) % corners, 1]
            if not min(ay, by) <= row < max(ay, by):
                continue
            va, vb, downwards = ay - row, by - row, by > ay
            for j in range(mask.shape[1]):
                column = float(first_column + j)
                edge = (ax - column) * vb - va * (bx - column)
                if (edge > 0) if downwards else (edge < 0):
                    mask[i, j] = 1 - mask[i, j]
