r"""The other direction of the UV map: for every texel, the face that it lies on. Fixed for a topology, so
computed once."""

import torch

from dnt_core.rendering.interpolate import interpolate_attributes
from dnt_core.rendering.rasterizer import Fragments, rasterize


class TextureAtlas:
    r"""The mesh laid flat into the texture: which triangle each texel centre lies in, and where.

    Args:
        triangles: (F, 3) integer.
        uv: (V, 2) float in [0, 1], v up.
        size: T, texels along each side.
        backend: of the rasteriser.

    Attributes:
        fragments: the mesh rasterised in UV space, (1, T, T, 1, …); all depths are 1.
        covered: (1, 1, T, T) float, 1 where a texel belongs to the face.
        faces: (U,) int64, the triangles that hold a texel's centre, ascending: on a fine mesh not nearly all.
        slot: (T, T) int64, the place of each texel's triangle in ``faces``; 0 on texels off the face.
    """

    def __init__(self, triangles: torch.Tensor, uv: torch.Tensor, size: int, backend: str = "auto") -> None:
        if uv.ndim != 2 or uv.shape[-1] != 2:
            raise ValueError(f"uv has shape {tuple(uv.shape)}; expected (V, 2)")
        flat = torch.stack(
            [uv[:, 0] * size - 0.5, (1 - uv[:, 1]) * size - 0.5, torch.ones_like(uv[:, 0])], dim=-1
        )
        self.triangles, self.size = triangles, size
        self.fragments: Fragments = rasterize(flat[None].detach(), triangles, size, backend)
        self.covered = (self.face >= 0).to(uv.dtype)[None, None]
        self.faces, self.slot = torch.unique(self.face.clamp(min=0), return_inverse=True)

    def to(self, device: torch.device | str) -> "TextureAtlas":
        r"""The same atlas on another device."""
        moved = object.__new__(TextureAtlas)
        moved.triangles, moved.size = self.triangles.to(device), self.size
        moved.fragments = Fragments(*(part.to(device) for part in self.fragments))
        moved.covered = self.covered.to(device)
        moved.faces, moved.slot = self.faces.to(device), self.slot.to(device)
        return moved

    @property
    def face(self) -> torch.Tensor:
        r"""(T, T) int64: the triangle of each texel, or -1."""
        return self.fragments.pix_to_face[0, :, :, 0]

    def spread(self, attributes: torch.Tensor) -> torch.Tensor:
        r"""Values at vertices (B, V, D) → at texels (B, T, T, D), 0 on texels off the face."""
        batch, n_vertices, size = attributes.shape
        # one look-up serves the batch: its members stand side by side
        side_by_side = attributes.permute(1, 0, 2).reshape(1, n_vertices, batch * size)
        spread = interpolate_attributes(self.fragments, self.triangles, side_by_side)  # (1, T, T, B·D)
        return spread.view(self.size, self.size, batch, size).permute(2, 0, 1, 3)

    def screen_positions(self, screen: torch.Tensor) -> torch.Tensor:
        r"""Where each texel appears.

        A point fixed on a triangle moves along it linearly in space, not on the screen; col·z, row·z and z
        are linear in space, so they are blended and divided.

        Args:
            screen: (B, V, 3) float, (col, row, z_cam).

        Returns:
            (B, T, T, 3): (col, row, z_cam) of the texels' centres; (0, 0, 0) on texels off the face.
        """
        depth = screen[..., 2:]
        homogeneous = self.spread(torch.cat([screen[..., :2] * depth, depth], dim=-1))  # (B, T, T, 3)
        depth = homogeneous[..., 2:]
        return torch.cat(
            [homogeneous[..., :2] / torch.where(depth > 0, depth, torch.ones_like(depth)), depth], dim=-1
        )
