r"""The UV map: for every pixel of the screen, where on the texture its colour comes from (section 4.1)."""

import torch
from torch.nn import functional as F

from dnt_core.rendering.interpolate import interpolate_attributes
from dnt_core.rendering.precision import as_mask, check_pictures, single_or_wider
from dnt_core.rendering.rasterizer import Fragments


def uv_map(
    fragments: Fragments, triangles: torch.Tensor, uv: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    r"""Rasterises the mesh's texture coordinates.

    Args:
        fragments: B images of the mesh.
        triangles: (F, 3) integer.
        uv: (V, 2) float in [0, 1], v up.

    Returns:
        uv map (B, 2, H, W), 0 off the face, and mask (B, 1, H, W), 1.0 on the face and 0.0 off it.
    """
    mask = (fragments.pix_to_face[..., 0] >= 0).to(uv.dtype)[:, None]
    return interpolate_attributes(fragments, triangles, uv[None]).permute(0, 3, 1, 2).contiguous(), mask


def sample_texture(
    texture: torch.Tensor, uv_map: torch.Tensor, mask: torch.Tensor | None = None
) -> torch.Tensor:
    r"""Looks a texture up, bilinearly, at the UV map's coordinates: the texture put onto the face.

    Texel (i, j) of a T×T texture has its centre at u = (j + ½)/T, v = 1 − (i + ½)/T; for ``grid_sample`` that
    is gx = 2u − 1, gy = 1 − 2v. Linear in the texture: with a fixed UV map, a blend of sampled textures is
    the sample of the blend.

    Args:
        texture: (B, C, T, T) or (1, C, T, T) float; row 0 is the top, v = 1.
        uv_map: (B, 2, H, W) float in [0, 1], v up.
        mask: (B, 1, H, W) or (1, 1, H, W) of 0 and 1, or None.

    Returns:
        (B, C, H, W) in the texture's dtype; 0 off the mask.

    Raises:
        TypeError: a texture of whole numbers, such as uint8.
        ValueError: a UV map or a mask of another shape, channels last, batch sizes that do not fit.
    """
    if uv_map.ndim != 4 or uv_map.shape[1] != 2:
        raise ValueError(f"uv_map has shape {tuple(uv_map.shape)}; expected (B, 2, H, W)")
    batch = uv_map.shape[0]
    expected = f"({'1' if batch == 1 else f'{batch} or 1'}, C, T, T)"
    check_pictures("texture", texture, expected)
    if texture.shape[0] not in (1, batch):
        raise ValueError(f"texture has shape {tuple(texture.shape)}; expected {expected}")
    size = uv_map.shape[-2:]
    if mask is not None and tuple(mask.shape) not in ((batch, 1, *size), (1, 1, *size)):
        expected = ", ".join(map(str, (batch, 1, *size)))
        raise ValueError(f"mask has shape {tuple(mask.shape)}; expected ({expected}), as the UV map")
    kind, texture = texture.dtype, single_or_wider(texture)
    u, v = uv_map.to(texture.dtype).unbind(1)
    grid = torch.stack([2 * u - 1, 1 - 2 * v], dim=-1)  # (B, H, W, 2)
    sampled = F.grid_sample(
        texture.expand(batch, -1, -1, -1), grid, mode="bilinear", padding_mode="border", align_corners=False
    ).to(kind)
    return sampled if mask is None else sampled * as_mask(mask, kind)
