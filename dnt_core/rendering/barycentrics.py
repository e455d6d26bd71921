r"""Barycentric coordinates of the visible faces, differentiable with respect to the vertices on the
screen."""

import torch

from dnt_core.rendering.precision import exact_dtype


def perspective_barycentrics(
    screen: torch.Tensor, triangles: torch.Tensor, pix_to_face: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    r"""Perspective-correct barycentrics and depth of every pixel whose face is known.

    With the screen barycentrics :math:`b_i` of a pixel centre in the projected triangle and depths
    :math:`z_i`, the coordinates on the triangle in space are :math:`(b_i / z_i) / \sum_j b_j / z_j` and the
    depth is :math:`1 / \sum_j b_j / z_j`. Which face a pixel shows is a constant; everything after that is
    differentiable.

    Args:
        screen: (B, V, 3) float, (col, row, z_cam), pixel centres at integers.
        triangles: (F, 3) integer.
        pix_to_face: (B, H, W) integer, packed b * F + f, or -1 where no face is visible.

    Returns:
        bary (B, H, W, 3) and depth (B, H, W), dtype of ``screen``, -1 where no face is visible.
    """
    batch, height, width = pix_to_face.shape
    n_faces, n_vertices = max(triangles.shape[0], 1), screen.shape[1]
    pixel = (pix_to_face.reshape(-1) >= 0).nonzero().squeeze(1)  # (N,) the covered pixels
    packed = pix_to_face.reshape(-1)[pixel].long()
    mesh = torch.div(packed, n_faces, rounding_mode="floor")
    corner = triangles.long().index_select(0, packed - mesh * n_faces)  # (N, 3)
    corner = corner + (mesh * n_vertices)[:, None]
    in_image = pixel % (height * width)
    row = torch.div(in_image, width, rounding_mode="floor")
    exact = exact_dtype(screen.device)
    centre = torch.stack([in_image - row * width, row, torch.zeros_like(row)]).to(exact)  # (3, N)

    vertices = screen.reshape(-1, 3)
    a, b, c = (vertices.index_select(0, index).to(exact).t() - centre for index in corner.unbind(1))
    # each (3, N): column and row measured from the pixel centre, depth; e_i = b_i × twice the area
    e0, e1, e2 = b[0] * c[1] - b[1] * c[0], c[0] * a[1] - c[1] * a[0], a[0] * b[1] - a[1] * b[0]
    w0, w1, w2 = e0 / a[2], e1 / b[2], e2 / c[2]
    total = w0 + w1 + w2
    bary = torch.stack([w0 / total, w1 / total, w2 / total], dim=-1).to(screen.dtype)
    depth = ((e0 + e1 + e2) / total).to(screen.dtype)

    bary_map = screen.new_full((batch * height * width, 3), -1.0).index_copy(0, pixel, bary)
    depth_map = screen.new_full((batch * height * width,), -1.0).index_copy(0, pixel, depth)
    return bary_map.view(batch, height, width, 3), depth_map.view(batch, height, width)
