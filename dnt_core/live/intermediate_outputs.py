r"""The pipeline's steps as pictures: what a student sees behind the face (figure 2)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.face3d import FaceParameters
from dnt_core.live.prepared_frame import to_uint8
from dnt_core.live.scene import Pose, Scene
from dnt_core.networks.generator import FrameInputs, Generator
from dnt_core.networks.mouth_window import paste_window
from dnt_core.rendering.draw_mesh import draw_mesh, grey_surface

#: name → what it shows.
INSIDES = {
    "texture": "the texture of this expression, its first three channels as colours",
    "channels": "all channels of that texture, each on its own scale",
    "sampled": "the texture put onto the face",
    "uv": "for every pixel its place on the texture: u red, v green",
    "attention": "the attention mask α of equation 1: white is drawn, black is the clip's background",
    "teeth": "where the teeth submodule has something to say, over the picture",
    "geometry": "the face's geometry in grey, as it is drawn: decoupled from the expression",
    "captured": "the geometry before decoupling: as it was reconstructed, with the clip's expression",
    "background": "the frame with the face cut out",
    "static": "the picture when the texture stays neutral whatever the expression",
    "expressive": "the picture without decoupling: the geometry keeps the clip's expression",
}
COUPLED = ("captured", "expressive")  # these want the inputs that were not decoupled


def draw_intermediate_output(
    what: str, generator: Generator, scene: Scene, inputs: FrameInputs, ciec: Tensor, frame: int, pose: Pose
) -> np.ndarray:
    r"""One of :data:`INSIDES`, (S, S, 3) uint8; ``inputs`` of one frame, ``ciec`` (1, 7)."""
    size = inputs.uv_map.shape[-1]
    if what in ("texture", "channels"):
        texture = generator.texture(ciec)  # (1, N, T, T)
        picture = texture[:, :3] if what == "texture" else _mosaic(texture[0])
        picture = F.interpolate(picture, (size, size), mode="bilinear", align_corners=False, antialias=True)
    elif what == "sampled":
        picture = generator.texture.sample(ciec, inputs.uv_map, inputs.mask)[:, :3]
    elif what == "uv":
        picture = torch.cat([inputs.uv_map, torch.zeros_like(inputs.mask)], 1) * inputs.mask
    elif what == "background":
        picture = inputs.background
    elif what in ("geometry", "captured"):
        picture = _geometry(scene, inputs, scene.face(frame, pose, what not in COUPLED))
    elif what == "attention":
        picture = generator(inputs, ciec).attention.expand(-1, 3, -1, -1)
    elif what == "teeth":
        picture = _teeth(generator, inputs, ciec)
    elif what == "static":
        steps = generator.steps(inputs, ciec, texture_ciec=torch.zeros_like(ciec))
        picture = steps.rendered(inputs.background).image
    else:
        picture = generator(inputs, ciec).image
    return to_uint8(picture)


def _mosaic(texture: Tensor) -> Tensor:
    """(N, T, T) → (1, 3, k·T, k·T): channels in rows, each from its 2 % to its 98 % in grey."""
    low, high = (torch.quantile(texture.flatten(1), q, dim=1)[:, None, None] for q in (0.02, 0.98))
    grey = ((texture - low) / (high - low).clamp(min=1e-6)).clamp(0, 1)
    side = int(np.ceil(len(grey) ** 0.5))
    padded = torch.cat([grey, grey.new_zeros(side * side - len(grey), *grey.shape[1:])])
    rows = [torch.cat(list(padded[k : k + side]), dim=-1) for k in range(0, side * side, side)]
    return torch.cat(rows, dim=-2).expand(1, 3, -1, -1)


def _geometry(scene: Scene, inputs: FrameInputs, face: FaceParameters) -> Tensor:
    """The face's surface in grey under one lamp, on white."""
    size = inputs.uv_map.shape[-1]
    vertices = scene.model.posed(face)
    triangles, normals = scene.model.triangles, scene.model.normals(vertices)
    grey = draw_mesh(vertices, triangles, size).paint(triangles, grey_surface(normals))
    return torch.where(inputs.mask > 0, grey, 1.0).clamp(0, 1).expand(-1, 3, -1, -1)


def _teeth(generator: Generator, inputs: FrameInputs, ciec: Tensor) -> Tensor:
    """The teeth features' squares, in yellow over the darkened picture; black without submodule."""
    steps = generator.steps(inputs, ciec)
    picture = 0.35 * steps.rendered(inputs.background).image
    if steps.teeth is None:
        return torch.zeros_like(picture)
    features = paste_window(*steps.teeth, steps.window.size)
    size = features.square().mean(1, keepdim=True)
    share = steps.window.paste(size / size.amax().clamp(min=1e-12))
    return picture + (1 - picture) * share * picture.new_tensor([1.0, 0.85, 0.2])[:, None, None]
