r"""A mesh on the screen: projected, rasterised, its vertices' colours interpolated; and pictures as bytes."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.face3d.camera import PerspectiveCamera
from dnt_core.rendering.interpolate import interpolate_attributes
from dnt_core.rendering.rasterizer import Fragments, rasterize

# The grey surface ("Rd w/o color" in figure 3) under one lamp above the camera, the same in every picture, so
# that it holds geometry and nothing else.
LAMP = (0.0, 0.45, 0.89)  # direction to the lamp of the grey surface: x right, y up, z to the camera
GREY, AMBIENT = 0.75, 0.25  # its albedo, and how much of it shows where the lamp does not reach


class DrawnMesh(NamedTuple):
    r"""What a mesh gives on the screen.

    Attributes:
        screen: (B, V, 3), column, row and depth of the vertices.
        fragments: which triangle each pixel shows.
    """

    screen: Tensor
    fragments: Fragments

    def paint(self, triangles: Tensor, colors: Tensor) -> Tensor:
        r"""Colours of the vertices, (B or 1, V, C), on the pixels: (B, C, S, S), 0 off the mesh."""
        return interpolate_attributes(self.fragments, triangles, colors).permute(0, 3, 1, 2)


def draw_mesh(
    vertices: Tensor, triangles: Tensor, image_size: int, camera: PerspectiveCamera | None = None,
    backend: str = "auto",
) -> DrawnMesh:  # fmt: skip
    r"""Projects and rasterises posed vertices.

    Args:
        vertices: (B, V, 3) dm.
        triangles: (F, 3) integer.
        image_size: S px.
        camera: its focal length, centre and distance are used at size S; default :class:`PerspectiveCamera`.
        backend: of the rasteriser.
    """
    camera = camera or PerspectiveCamera()
    camera = PerspectiveCamera(image_size, camera.focal, camera.center, camera.distance)
    screen = camera.project(vertices)
    return DrawnMesh(screen, rasterize(screen, triangles, image_size, backend))


def grey_surface(normals: Tensor) -> Tensor:
    r"""Unit normals (B, V, 3) → brightness of a grey surface under one lamp, (B, V, 1)."""
    lamp = F.normalize(normals.new_tensor(LAMP), dim=0)
    return GREY * (AMBIENT + (1 - AMBIENT) * (normals @ lamp[:, None]).clamp(min=0))


def as_bytes(picture: Tensor) -> Tensor:
    r"""Float in [0, 1], any shape → uint8 of 0 to 255, rounded; what lies outside is cut."""
    return (picture * 255 + 0.5).clamp(0, 255).to(torch.uint8)
