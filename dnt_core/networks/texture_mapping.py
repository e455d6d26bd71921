r"""Texture mapping: from a frame's 257 numbers to each pixel's place on the texture (figure 2)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from dnt_core.face3d.camera import PerspectiveCamera
from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.face3d.parameters import FaceParameters
from dnt_core.networks.mouth_window import mouth_box
from dnt_core.rendering.draw_mesh import draw_mesh
from dnt_core.rendering.masks import mouth_mask
from dnt_core.rendering.uv_map import uv_map


class MappedFace(NamedTuple):
    r"""Geometry as the generator takes it; names and units as in ``FrameInputs``.

    Attributes:
        uv_map: (B, 2, S, S) in [0, 1], v up.
        mask: (B, 1, S, S), 1 on the face.
        mouth: (B, 1, S, S), 1 in the mouth hole.
        mouth_box: (B, 4) left, top, right, bottom, px.
    """

    uv_map: Tensor
    mask: Tensor
    mouth: Tensor
    mouth_box: Tensor


@torch.no_grad()
def map_texture(
    model: MorphableModel, parameters: FaceParameters, image_size: int,
    camera: PerspectiveCamera | None = None, backend: str = "auto",
) -> MappedFace:  # fmt: skip
    r"""Rasterises the face's texture coordinates and finds its mouth hole.

    Args:
        model: the face model the numbers belong to.
        parameters: batch (B,), after the decoupling network.
        image_size: S px.
        camera: its focal length, centre and distance are used at size S; default :class:`PerspectiveCamera`.
        backend: of the rasteriser.
    """
    screen, fragments = draw_mesh(model.posed(parameters), model.triangles, image_size, camera, backend)
    coordinates, mask = uv_map(fragments, model.triangles, model.uv.to(screen))
    mouth = mouth_mask(screen, model.mouth_loop, image_size, fragments)
    return MappedFace(coordinates, mask, mouth, mouth_box(model.mouth_polygon(screen)))
