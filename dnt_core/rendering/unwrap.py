r"""A frame taken off the face and laid flat into a texture: the inverse of sampling (section 3.2)."""

import torch
from torch.nn import functional as F

from dnt_core.rendering.rasterizer import Fragments, rasterize
from dnt_core.rendering.texture_atlas import TextureAtlas

# A texel is hidden when it lies deeper than what the frame shows there by more than this share of its depth
# (2 mm at 1 m) plus what the surface itself falls off over one pixel, at most STEEPEST of its depth.
DEPTH_TOLERANCE = 2e-3
STEEPEST = 2e-2


def unwrap(
    frame: torch.Tensor,
    screen: torch.Tensor,
    triangles: torch.Tensor,
    uv: torch.Tensor,
    texture_size: int,
    atlas: TextureAtlas | None = None,
    fragments: Fragments | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    r"""Fetches for every texel the colour that the frame shows where the texel lies.

    Every texel is carried onto the posed mesh and projected; the frame is sampled there bilinearly. It counts
    as visible when it lies on a face turned to the camera and all four pixels that the sample is made of show
    the face, at the texel's depth. Differentiable with respect to the frame and the screen positions.

    Args:
        frame: (B, C, H, W) float, any C.
        screen: (B, V, 3) float, (col, row, z_cam) of the frame's face.
        triangles: (F, 3) integer, counter-clockwise seen from outside.
        uv: (V, 2) float in [0, 1], v up.
        texture_size: T.
        atlas: the topology's :class:`TextureAtlas` of size T, if at hand (saves a rasterisation).
        fragments: the face rasterised at the frame's size, if at hand (saves another).

    Returns:
        texture (B, C, T, T), row 0 at v = 1, 0 where not visible; visibility (B, 1, T, T), 1.0 or 0.0.

    Raises:
        ValueError: shapes that do not fit each other.
    """
    if frame.ndim != 4 or frame.shape[0] != screen.shape[0]:
        raise ValueError(f"frame has shape {tuple(frame.shape)}; expected ({screen.shape[0]}, C, H, W)")
    height, width = frame.shape[-2:]
    if atlas is None:
        atlas = TextureAtlas(triangles, uv, texture_size)
    if atlas.size != texture_size:
        raise ValueError(f"atlas has {atlas.size} texels a side; expected {texture_size}")
    if fragments is None:
        fragments = rasterize(screen.detach(), triangles, (height, width))

    position = atlas.screen_positions(screen)  # (B, T, T, 3)
    col, row, _ = position.to(frame.dtype).unbind(-1)
    grid = torch.stack([(2 * col + 1) / width - 1, (2 * row + 1) / height - 1], dim=-1)
    texture = F.grid_sample(frame, grid, mode="bilinear", padding_mode="border", align_corners=False)
    visible = _visible(position.detach(), screen.detach(), atlas, fragments.zbuf.detach()[..., 0])
    visibility = visible[:, None].to(frame.dtype)
    return texture * visibility, visibility


def _visible(position, screen, atlas, zbuf):
    """(B, T, T) bool: faces the camera, and the four pixels around show the face at the texel's depth."""
    batch, height, width = zbuf.shape
    col, row, depth = position.unbind(-1)
    area, steepness = _facing(screen, atlas.triangles)  # (B, F)
    face = atlas.face.clamp(min=0).reshape(-1)
    area = area.index_select(1, face).view(batch, atlas.size, atlas.size)
    steepness = steepness.index_select(1, face).view(batch, atlas.size, atlas.size)
    visible = (atlas.face >= 0) & (area < 0)
    tolerance = depth * DEPTH_TOLERANCE + torch.minimum(steepness, depth * STEEPEST)
    left, top = col.floor(), row.floor()
    mesh = torch.arange(batch, device=zbuf.device).view(-1, 1, 1)
    for c, r in ((left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)):
        inside = (c >= 0) & (c < width) & (r >= 0) & (r < height)
        shown = zbuf[mesh, r.clamp(0, height - 1).long(), c.clamp(0, width - 1).long()]
        visible = visible & inside & ((shown - depth).abs() <= tolerance)  # off the face shown is -1
    return visible


def _facing(screen, triangles):
    """Per face (B, F): twice its area on the screen, negative towards the camera; depth's fall over a
    pixel."""
    a, b, c = (screen.index_select(1, triangles[:, k].long()) for k in range(3))  # (B, F, 3)
    ab, ac = b - a, c - a
    normal = torch.linalg.cross(ab, ac)  # of the plane through (col, row, z_cam)
    area = normal[..., 2]
    return area, normal[..., :2].abs().sum(-1) / area.abs().clamp(min=1e-12)
