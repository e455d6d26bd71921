r"""Values given at vertices, read off at pixels."""

import torch

from dnt_core.rendering.precision import check_floating
from dnt_core.rendering.rasterizer import Fragments


def interpolate_attributes(
    fragments: Fragments, triangles: torch.Tensor, attributes: torch.Tensor
) -> torch.Tensor:
    r"""Blends the values at the three corners of each pixel's face with its barycentrics.

    Differentiable with respect to the attributes and, through the barycentrics, to the vertices.

    Args:
        fragments: B images of the mesh, from :func:`dnt_core.rendering.rasterizer.rasterize`.
        triangles: (F, 3) integer, the mesh that was rasterised.
        attributes: (B, V, D) or (1, V, D) float, one value of D numbers per vertex; any unit.

    Returns:
        (B, H, W, D) in the attributes' dtype; 0 where no face is visible.

    Raises:
        TypeError: attributes of whole numbers, such as uint8.
        ValueError: attributes of another rank or batch size.
        IndexError: fewer vertices than the triangles name.
    """
    packed, bary = fragments.pix_to_face[..., 0], fragments.bary_coords[..., 0, :]
    batch, height, width = packed.shape
    check_floating("attributes", attributes)
    if attributes.ndim != 3 or attributes.shape[0] not in (1, batch):
        sizes = "1" if batch == 1 else f"{batch} or 1"
        raise ValueError(f"attributes has shape {tuple(attributes.shape)}; expected ({sizes}, V, D)")
    shared, n_vertices, size = attributes.shape
    n_faces = max(triangles.shape[0], 1)
    pixel = (packed.reshape(-1) >= 0).nonzero().squeeze(1)  # (N,) the covered pixels
    found = packed.reshape(-1).index_select(0, pixel)
    mesh = torch.div(found, n_faces, rounding_mode="floor")
    corner = triangles.to(found).index_select(0, found - mesh * n_faces)  # (N, 3)
    if shared > 1:
        if len(corner) and int(corner.max()) >= n_vertices:  # it would read the next mesh's
            raise IndexError(f"a triangle names vertex {int(corner.max())}, of {n_vertices}")
        corner = corner + (mesh * n_vertices)[:, None]
    weight = bary.reshape(-1, 3).index_select(0, pixel).to(attributes.dtype)  # (N, 3)
    table = attributes.flatten(0, 1)
    value = sum(weight[:, k : k + 1] * table.index_select(0, corner[:, k]) for k in range(3))  # (N, D)
    return (
        attributes.new_zeros(batch * height * width, size)
        .index_copy(0, pixel, value)
        .view(batch, height, width, size)
    )
