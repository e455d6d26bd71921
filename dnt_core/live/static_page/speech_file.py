r"""What a page needs to move a face's lips with any sound: a mesh, its movements, the clip's head poses.

The mesh is the built-in face at a lower resolution: at 256 px the UV map of one of 8,000 vertices is that of
35,709 within a hundredth of a texel on average, and a handful of pixels at its edge differ.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dnt_core.audio.blinks import BlinkTrain, blink_expression
from dnt_core.audio.mouth_movements import movement_basis, widest_mouth
from dnt_core.clips.frame_order import there_and_back
from dnt_core.face3d import load_face_model
from dnt_core.face3d.camera import PerspectiveCamera, rotation_matrix
from dnt_core.live.scene import Scene
from dnt_core.live.static_page.parts_file import pack_steps, parts_file
from dnt_core.networks.face_window import face_window
from dnt_core.networks.frame_inputs import HOLE_MARGIN
from dnt_core.networks.texture_mapping import map_texture
from dnt_core.rendering.masks import dilate

VERTICES = 8_000
BLINKS_SECONDS = 20.0  # of blinks, which come again and again
STEPS = 32_767  # of the largest number, to which vertices, movements and texture coordinates are rounded


def page_speech(scene: Scene, share: tuple[float, float], size: tuple[int, int]) -> bytes:
    r"""The file; empty for a face model whose movements of the mouth are not known, and where the widest
    mouth does not fit into the rectangle that the page draws.

    Args:
        scene: the clip.
        share: of the generator's ``face_window``. size: (h, w) of the rectangle, px.
    """
    if (widest := widest_mouth(scene.model.name)) is None:
        return b""
    margin = round(HOLE_MARGIN * scene.frames.shape[1])
    filmed, widely = filmed_and_wide(scene, torch.from_numpy(widest))
    window = face_window(dilate(widely, margin), share)
    if window.size != tuple(size):
        return b""
    inside = window.cut(filmed)[:, 0].numpy() > 0
    model = load_face_model(f"procedural:{VERTICES}")
    identity = scene.seen.identity.mean(0)
    shape = model.shape(identity, torch.zeros(model.expression_basis.shape[-1])).numpy()  # (V, 3)
    movements = np.concatenate([movement_basis(), blink_expression(scene.model.name)[None]])  # (12, 64)
    moved = np.einsum("vck,mk->mcv", model.expression_basis.numpy(), movements)  # (12, 3, V)
    numbers, scales = zip(*(_rounded(part) for part in (shape.T, *moved)), strict=True)
    camera = PerspectiveCamera(scene.frames.shape[1])
    rotations, places = rotation_matrix(scene.seen.angles), scene.seen.translation
    blinks = BlinkTrain(scene.fps)
    header = {
        "vertices": len(shape), "triangles": len(model.triangles), "scales": scales,
        "mouth_loop": model.mouth_loop.tolist(),
        "poses": torch.cat([rotations.flatten(1), places], 1).double().numpy().round(7).tolist(),
        "camera": {key: getattr(camera, key) for key in ("scale", "focal", "center", "distance")},
        "corners": window.corners.expand(len(scene), -1).tolist(),
        "margin": margin,
        "order": there_and_back(len(scene), scene.fps).tolist(),
        "blinks": [round(next(blinks), 3) for _ in range(round(BLINKS_SECONDS * scene.fps))],
    }  # fmt: skip
    uv = np.rint(model.uv.numpy().T * STEPS).astype(np.int64)
    change = inside.copy()
    change[1:] ^= inside[:-1]
    parts = {
        "mesh": pack_steps(np.concatenate([numbers[0], uv, *numbers[1:]])),  # (3 + 2 + 12 · 3, V)
        "triangles": pack_steps(model.triangles.numpy().T),  # (3, F)
        "filmed": np.packbits(change, axis=None).tobytes(),
    }
    return parts_file(header, parts)


@torch.no_grad()
def filmed_and_wide(scene: Scene, widest: Tensor) -> tuple[Tensor, Tensor]:
    r"""Where faces are, mouths included, two masks (T, 1, S, S): the one that was filmed, and that one, the
    one at rest and the widest mouth together."""
    size, filmed, widely = scene.frames.shape[1], [], []
    for frame in range(len(scene)):
        seen = scene.seen[frame : frame + 1]
        drawn = [seen, *(seen.replace(expression=x[None]) for x in (torch.zeros_like(widest), widest))]
        faces = [map_texture(scene.model, face, size) for face in drawn]
        shown = [torch.maximum(face.mask, face.mouth) for face in faces]
        filmed.append(shown[0])
        widely.append(torch.stack(shown).amax(0))
    return torch.cat(filmed), torch.cat(widely)


def _rounded(numbers: np.ndarray) -> tuple[np.ndarray, float]:
    """As whole numbers and what one of them is worth."""
    scale = float(np.abs(numbers).max()) / STEPS
    return np.rint(numbers / scale).astype(np.int64), scale
