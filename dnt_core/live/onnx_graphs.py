r"""What is left to compute when the CIEC moves, as functions of tensors alone, which can be exported."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dnt_core.live.basis_reduction import BasisReduction
from dnt_core.networks.generator import Generator
from dnt_core.networks.neural_renderer import blend
from dnt_core.rendering.draw_mesh import as_bytes


class FaceGraph(nn.Module):
    r"""The renderer after its first convolutions, to a picture of the face's rectangle.

    Args:
        generator: its weights are shared. size: (h, w) of the rectangle, px.
    """

    def __init__(self, generator: Generator, size: tuple[int, int]) -> None:
        super().__init__()
        self.texture, self.teeth, self.renderer = generator.texture, generator.teeth, generator.renderer
        self.size = tuple(size)
        self.mouth_size = None if generator.teeth is None else generator.teeth.window_size(self.size)

    def finish(
        self, background: Tensor, hole: Tensor, stem: Tensor, ciec: Tensor, looked: Tensor | None,
        corner: Tensor | None,
    ) -> Tensor:  # fmt: skip
        r"""(h, w, 3) uint8 RGB from the first convolutions' results, without the teeth's share in them."""
        if self.teeth is not None:
            patch = self.teeth.features(looked, ciec)
            stem = stem + self.renderer.stem.share_of_patch("teeth", patch, corner, self.size)
        image = blend(*self.renderer.finish(hole, stem), background)
        return as_bytes(image[0].permute(1, 2, 0))


class UnfoldedFace(FaceGraph):
    r"""A new frame in every call, as when the clip plays: takes the texture already put onto the face."""

    def forward(
        self, ciec: Tensor, background: Tensor, hole: Tensor, sampled: Tensor,
        fixed_stem: Tensor, fixed_look: Tensor | None = None, corner: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        r"""CIEC (1, 7) and ``PreparedFrame.tensors(texture)`` → (h, w, 3) uint8."""
        stem = fixed_stem + self.renderer.stem.share("texture", sampled)
        looked = None
        if self.teeth is not None:
            (h, w), row, column = self.mouth_size, corner[0], corner[1]
            cut = sampled[..., row : row + h, :][..., column : column + w]
            looked = self.teeth.look(cut) + fixed_look
        return self.finish(background, hole, stem, ciec, looked, corner)


class FoldedFace(FaceGraph):
    r"""The same frame in every call, as when a slider is dragged: blends what each of the fewer bases gave
    once.

    Args:
        fewer: of the generator's texture, see :mod:`~dnt_core.live.basis_reduction`.
    """

    def __init__(self, generator: Generator, size: tuple[int, int], fewer: BasisReduction | None) -> None:
        super().__init__(generator, size)
        self.register_buffer("onto", torch.eye(0) if fewer is None else fewer.onto)

    def forward(self, ciec: Tensor, background: Tensor, hole: Tensor, *folded: Tensor) -> Tensor:
        r"""CIEC (1, 7) and ``folded_tensors`` → (h, w, 3) uint8."""
        weights, folded = self.texture.weights(ciec).to(self.onto) @ self.onto, list(folded)

        def blended() -> Tensor:
            neutral, bases = folded.pop(0), folded.pop(0)
            return neutral + (weights @ bases).reshape(neutral.shape)

        stem = blended()
        looked = None if self.teeth is None else blended()
        corner = folded.pop() if folded else None
        return self.finish(background, hole, stem, ciec, looked, corner)
