r"""A frame taken off the face and laid flat into a texture: the inverse of sampling (section 3.2)."""

import torch
from torch.nn import functional as F

from dnt_core.rendering.precision import check_pictures, single_or_wider
from dnt_core.rendering.rasterizer import Fragments, rasterize
from dnt_core.rendering.texture_atlas import TextureAtlas

# A texel is hidden when what the frame shows there differs from its depth by more than this share (2 mm at 1
# m) plus the depth that its face gains over one pixel, counted up to STEEPEST.
DEPTH_TOLERANCE = 2e-3
STEEPEST = 2e-2
# A face seen so edge-on that its texels shrink, in one direction, below this share of the average texel's
# size on the screen counts as hidden: there is nothing left to read off the frame but smear.
GRAZING = 0.1


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
    as visible when it lies on a face turned to the camera, not edge-on, and all four pixels that the sample
    is made of show the face, at the texel's depth. Differentiable with respect to the frame and the screen
    positions.

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
        TypeError: a frame of whole numbers, such as uint8.
        ValueError: shapes that do not fit each other, channels last.
    """
    expected = f"({screen.shape[0]}, C, H, W)"
    check_pictures("frame", frame, expected)
    if frame.shape[0] != screen.shape[0]:
        raise ValueError(f"frame has shape {tuple(frame.shape)}; expected {expected}")
    height, width = frame.shape[-2:]
    if atlas is None:
        atlas = TextureAtlas(triangles, uv, texture_size)
    if atlas.size != texture_size:
        raise ValueError(f"atlas has {atlas.size} texels a side; expected {texture_size}")
    if fragments is None:
        fragments = rasterize(screen.detach(), triangles, (height, width))
    if fragments.zbuf.shape[:3] != (len(frame), height, width):
        drawn = tuple(fragments.zbuf.shape[:3])
        raise ValueError(f"fragments are of {drawn}; expected {(len(frame), height, width)}, as the frame")

    position = atlas.screen_positions(screen)  # (B, T, T, 3)
    wide = single_or_wider(frame)
    col, row, _ = position.to(wide.dtype).unbind(-1)
    grid = torch.stack([(2 * col + 1) / width - 1, (2 * row + 1) / height - 1], dim=-1)
    texture = F.grid_sample(wide, grid, mode="bilinear", padding_mode="border", align_corners=False)
    visible = _visible(position.detach(), screen.detach(), atlas, uv, fragments.zbuf.detach()[..., 0])
    visibility = visible[:, None].to(frame.dtype)
    return texture.to(frame.dtype) * visibility, visibility


def _visible(position, screen, atlas, uv, zbuf):
    """(B, T, T) bool: faces the camera, and the four pixels around show the face at the texel's depth."""
    batch, height, width = zbuf.shape
    col, row, depth = position.unbind(-1)
    seen, steepness = _facing(screen, atlas.triangles.index_select(0, atlas.faces), uv)  # (B, U)
    visible = seen.index_select(1, atlas.slot.reshape(-1)).view_as(depth) & (atlas.face >= 0)
    steepness = steepness.index_select(1, atlas.slot.reshape(-1)).view_as(depth)
    tolerance = depth * DEPTH_TOLERANCE + torch.minimum(steepness, depth * STEEPEST)
    visible &= (col >= 0) & (col <= width - 1) & (row >= 0) & (row <= height - 1)
    left, top = col.clamp(0, width - 1).long(), row.clamp(0, height - 1).long()
    right, bottom = (left + 1).clamp(max=width - 1), (top + 1).clamp(max=height - 1)
    first = torch.arange(batch, device=zbuf.device).view(-1, 1, 1) * height
    for c, r in ((left, top), (right, top), (left, bottom), (right, bottom)):
        shown = zbuf.reshape(-1).index_select(0, ((first + r) * width + c).reshape(-1)).view_as(depth)
        visible &= (shown - depth).abs() <= tolerance  # off the face shown is -1
    return visible


def _facing(screen, triangles, uv):
    """Per face (B, F): is it turned to the camera and not edge-on, and how much depth it gains over one
    pixel."""
    corner = [index.long() for index in triangles.unbind(1)]
    columns = screen.permute(2, 0, 1).contiguous()  # (3, B, V)
    a, b, c = (
        columns.index_select(2, index) for index in corner
    )  # (3, B, F): gathering columns is the faster way
    (x1, y1, z1), (x2, y2, z2) = b - a, c - a
    area = x1 * y2 - y1 * x2  # twice the area on the screen, negative towards the camera
    size = area.abs().clamp(min=1e-12)
    steepness = ((y1 * z2 - z1 * y2).abs() + (z1 * x2 - x1 * z2).abs()) / size

    flat = uv.detach().to(screen).t().contiguous()  # (2, V)
    a, b, c = (flat.index_select(1, index) for index in corner)
    (u1, v1), (u2, v2) = b - a, c - a  # (F,)
    texels = (u1 * v2 - v1 * u2).abs()
    stretch = _least_stretch((x1, y1, x2, y2), (u1, v1, u2, v2), texels.clamp(min=1e-12))
    front = area < 0
    average = ((size * front).sum(1) / (texels * front).sum(1).clamp(min=1e-12)).sqrt()  # (B,)
    return front & (stretch > GRAZING * average[:, None]), steepness


def _least_stretch(on_screen, in_texture, area):
    """Smaller singular value of the map from a face's texture coordinates to the screen."""
    (x1, y1, x2, y2), (u1, v1, u2, v2) = on_screen, in_texture
    xu, xv = (x1 * v2 - x2 * v1) / area, (x2 * u1 - x1 * u2) / area
    yu, yv = (y1 * v2 - y2 * v1) / area, (y2 * u1 - y1 * u2) / area
    square, determinant = xu * xu + xv * xv + yu * yu + yv * yv, xu * yv - xv * yu
    largest = (square + (square * square - 4 * determinant * determinant).clamp(min=0).sqrt()) / 2
    return determinant.abs() / largest.clamp(min=1e-12).sqrt()
