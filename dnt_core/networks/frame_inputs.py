r"""A picture and its face's 257 numbers → what the generator is told about the frame (figure 2)."""

from __future__ import annotations

import torch
from torch import Tensor

from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.face3d.parameters import FaceParameters
from dnt_core.networks.generator import FrameInputs
from dnt_core.networks.texture_mapping import map_texture
from dnt_core.rendering.masks import background_frame, dilate

HOLE_MARGIN = 1 / 64  # of the image's side


@torch.no_grad()
def frame_inputs(
    model: MorphableModel, frames: Tensor, seen: FaceParameters, drawn: FaceParameters | None = None,
    margin: float = HOLE_MARGIN,
) -> FrameInputs:  # fmt: skip
    r"""Cuts the face out of pictures and maps the texture onto the face that is to be drawn there.

    Args:
        model: the face model the numbers belong to.
        frames: (T, 3, S, S) RGB in [0, 1], seen by :class:`~dnt_core.face3d.camera.PerspectiveCamera`.
        seen: batch (T,), the faces in the pictures, as reconstructed.
        drawn: batch (T,), those to be drawn, after the decoupling network; None: ``seen``.
        margin: by which share of S the hole is wider than both faces.
    """
    drawn_face, hole = face_and_hole(model, seen, drawn, frames.shape[-1], margin)
    background, _ = background_frame(frames, hole)
    uv_map, mask, mouth, box = drawn_face
    return FrameInputs(background, hole, uv_map, mask, mouth, box)


@torch.no_grad()
def face_and_hole(
    model: MorphableModel, seen: FaceParameters, drawn: FaceParameters | None, image_size: int,
    margin: float = HOLE_MARGIN,
):  # fmt: skip
    r"""The face to be drawn, a ``MappedFace``, and the hole (T, 1, S, S), 1 where either face may show."""
    face = map_texture(model, seen if drawn is None else drawn, image_size)
    shown = face if drawn is None else map_texture(model, seen, image_size)
    # neither the face that was filmed nor the one to be drawn may show in the background
    hole = torch.maximum(shown.mask, shown.mouth).maximum(face.mask).maximum(face.mouth)
    return face, dilate(hole, round(margin * image_size))
