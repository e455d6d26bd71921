r"""One frame in one pose, ready for any expression: all that does not depend on the CIEC."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from dnt_core.live.basis_reduction import BasisReduction
from dnt_core.networks.face_window import FaceWindow, face_window
from dnt_core.networks.folded_pose import FoldedPose
from dnt_core.networks.generator import FrameInputs, Generator
from dnt_core.rendering.draw_mesh import as_bytes
from dnt_core.rendering.uv_map import sample_texture


@dataclass(frozen=True)
class PreparedFrame:
    r"""What :class:`~dnt_core.live.onnx_graphs.UnfoldedFace` takes besides the CIEC, for one frame.

    Attributes:
        background: (1, 3, S, S), the whole frame with the face cut out.
        window: the rectangle that is drawn, h × w px. inside: what it shows.
        fixed_stem: what background and biases give the renderer's first convolution.
        fixed_look: what the masks give the teeth submodule's first convolution, or None without one.
        mouth_corner: (2,) integer, row and column of the mouth's window in the rectangle; None where the
            window must be scaled or leaves the rectangle, which only the whole generator can draw.
    """

    background: Tensor
    window: FaceWindow
    inside: FrameInputs
    fixed_stem: Tensor
    fixed_look: Tensor | None
    mouth_corner: Tensor | None

    @cached_property
    def around(self) -> np.ndarray:
        r"""The background as (S, S, 3) uint8."""
        return to_uint8(self.background)

    @property
    def nbytes(self) -> int:
        r"""Of memory held."""
        tensors = (self.background, *self.inside, self.fixed_stem, self.fixed_look)
        return sum(t.nbytes for t in tensors if t is not None)

    @property
    def whole(self) -> FrameInputs:
        r"""The generator's inputs of the whole frame; nothing of the face lies outside the rectangle."""
        uv_map, mask, mouth = map(self.window.paste, self.inside[2:5])
        corner = self.window.corners.flip(-1).to(self.inside.mouth_box)
        box = self.inside.mouth_box if self.window.whole else self.inside.mouth_box + corner.repeat(1, 2)
        return FrameInputs(self.background, self.window.paste(self.inside.hole), uv_map, mask, mouth, box)

    def compose(self, patch: np.ndarray) -> np.ndarray:
        r"""The rectangle's picture (h, w, 3) uint8 in the frame, (S, S, 3) uint8."""
        picture, (row, column) = self.around.copy(), self.window.corners[0].tolist()
        picture[row : row + patch.shape[0], column : column + patch.shape[1]] = patch
        return picture

    def tensors(self, texture: Tensor) -> tuple[Tensor, ...]:
        r"""Arguments of ``UnfoldedFace`` after the CIEC, whose ``texture`` is (1, N, T, T)."""
        inside = self.inside
        sampled = sample_texture(texture, inside.uv_map, inside.mask)
        return (
            inside.background, inside.hole, sampled, self.fixed_stem,
            *([] if self.fixed_look is None else [self.fixed_look, self.mouth_corner]),
        )  # fmt: skip


def prepare_frame(generator: Generator, inputs: FrameInputs) -> PreparedFrame:
    r"""Cuts the face's rectangle out and computes all that holds for every expression; B = 1."""
    window = face_window(inputs.hole, generator.config.face_window)
    inside = inputs.inside(window)
    fixed_stem = stem_of_background(generator, inside.background, inside.hole)
    look = corner = None
    if generator.teeth is not None:
        look, corner = look_at_mouth(generator, inside.mask, inside.mouth, inside.mouth_box, window.size)
    return PreparedFrame(inputs.background, window, inside, fixed_stem, look, corner)


def stem_of_background(generator: Generator, background: Tensor, hole: Tensor) -> Tensor:
    r"""``fixed_stem`` of a :class:`PreparedFrame` from what its rectangle shows."""
    stem = generator.renderer.stem
    return stem.share("background", generator.background(background, hole), stem.bias)


def look_at_mouth(
    generator: Generator, mask: Tensor, mouth: Tensor, box: Tensor, size: tuple[int, int]
) -> tuple[Tensor, Tensor | None]:
    r"""``fixed_look`` and ``mouth_corner`` of a :class:`PreparedFrame` from what its rectangle shows."""
    teeth = generator.teeth
    place = teeth.place(box.to(mask), size)
    return teeth.look_at_masks(mask, mouth, place), _corner(place, teeth.window_size(size), size)


def mouth_corner(generator: Generator, box: Tensor, size: tuple[int, int]) -> Tensor | None:
    r"""``mouth_corner`` of a :class:`PreparedFrame` of such a ``size``, from the mouth's box in it."""
    teeth = generator.teeth
    return _corner(teeth.place(box, size), teeth.window_size(size), size)


def _corner(place: Tensor, size: tuple[int, int], within: tuple[int, int]) -> Tensor | None:
    """Row and column of a mouth's window of scale 1 that lies within the rectangle, else None."""
    column, row, scale = place[0].tolist()
    first = [round(row - (size[0] - 1) / 2), round(column - (size[1] - 1) / 2)]
    fits = all(0 <= a and a + n <= most for a, n, most in zip(first, size, within, strict=True))
    return torch.tensor(first) if fits and scale == 1 else None


def folded_tensors(
    pose: FoldedPose, frame: PreparedFrame, fewer: BasisReduction | None
) -> tuple[Tensor, ...]:
    r"""Arguments of ``FoldedFace`` after the CIEC."""
    folded = []
    for name in ("stem", "looked"):
        if hasattr(pose, f"{name}_bases"):
            bases = getattr(pose, f"{name}_bases")
            folded += [getattr(pose, f"{name}_neutral"), bases if fewer is None else fewer.back @ bases]
    corner = [] if frame.mouth_corner is None else [frame.mouth_corner]
    return (frame.inside.background, frame.inside.hole, *folded, *corner)


def to_uint8(image: Tensor) -> np.ndarray:
    r"""(1, 3, H, W) in [0, 1] → (H, W, 3) uint8, rounded."""
    return as_bytes(image[0].permute(1, 2, 0)).contiguous().numpy()
