r"""The generator as four graphs of tensors alone, for a runtime in a browser.

``prepare`` computes once per frame what does not depend on the CIEC, with the texture at neutral, ``draw``
the rest. Where a frame stands still or comes again, ``fold`` pushes the ways that the texture can go through
the first convolutions, and ``rest`` draws from there (section 3.3's texture is linear in its weights; see
``dnt_core.networks.folded_pose``). ``steps`` gives what lies between (figure 2).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.live.basis_reduction import BasisReduction, reduce_bases
from dnt_core.networks.generator import Generator
from dnt_core.networks.neural_renderer import blend
from dnt_core.networks.neural_texture import NeuralTexture
from dnt_core.rendering.draw_mesh import as_bytes
from dnt_core.rendering.uv_map import sample_texture

TOLERANCE = 3e-3  # of what the bases change, in root mean square; a picture changes by less than 1/255


class FewBases(nn.Module):
    r"""The texture's change with the CIEC, over as few bases as it needs.

    Args:
        texture: its weights are shared.

    Attributes:
        bases: (K, N·t·t), K at least 1. shape: (N, t, t).
    """

    def __init__(self, texture: NeuralTexture) -> None:
        super().__init__()
        self.texture = texture
        fewer = reduce_bases(texture, TOLERANCE)
        if fewer is None:
            fewer = BasisReduction(torch.zeros(0, 1), torch.zeros(1, 0))
            bases = texture.neutral.new_zeros(1, texture.neutral.numel())
        else:
            bases = fewer.back @ texture.basis.flatten(1)
        self.shape = tuple((texture.neutral if texture.basis is None else texture.basis[0]).shape)
        self.register_buffer("onto", fewer.onto.detach())
        self.register_buffer("bases", bases.detach())
        small, full = self.shape[-1], texture.size  # whole multiples have a faster way in runtimes
        self.enlarge = {"size": (full, full)} if full % small else {"scale_factor": float(full // small)}

    def weights(self, ciec: Tensor) -> Tensor:
        r"""CIEC (B, 7) → (B, K)."""
        return self.texture.weights(ciec).to(self.onto) @ self.onto

    def blended(self, weights: Tensor) -> Tensor:
        r"""(B, K) → what is added to the neutral texture, (B, N, T, T)."""
        change = (weights @ self.bases).unflatten(1, self.shape)
        if self.shape[-1] == self.texture.size:
            return change
        return F.interpolate(change, **self.enlarge, mode="bilinear", align_corners=False)


class Ways(NamedTuple):
    r"""How the weights move along one type: ``w(x) ≈ center + ((w(x) − center) @ across) @ along``.

    Attributes:
        center: (1, K), at neutral. across: (K, R). along: (R, K).
    """

    center: Tensor
    across: Tensor
    along: Tensor


@torch.no_grad()
def ways_of_types(few: FewBases) -> list[Ways]:
    r"""For each of the seven types as few directions as change the texture by no more than
    :data:`TOLERANCE`, the same number R for all: on a standing frame the hand moves along one type."""
    weights = few.texture.weights_along_axes(64).to(few.onto) @ few.onto  # (7, steps + 1, K)
    bases = few.bases.double()
    values, vectors = torch.linalg.eigh(bases @ bases.T / bases.shape[1])
    root = vectors * values.clamp(min=0).sqrt()
    moved = (weights - weights[:, :1]).double()
    found = [torch.linalg.svd(change @ root, full_matrices=False) for change in moved]
    most = max(float(sizes[0]) for _, sizes, _ in found) or 1.0
    count = max(1, *(int((sizes > TOLERANCE * most).sum()) for _, sizes, _ in found))
    ways = []
    for change, (_, _, directions) in zip(moved, found, strict=True):
        across = root @ directions[:count].T  # (K, R)
        along = torch.linalg.lstsq(change @ across, change, driver="gelsd").solution  # (R, K)
        ways.append(Ways(weights[0, :1].float(), across.float(), along.float()))
    return ways


class PageGraph(nn.Module):
    r"""What the graphs share.

    Args:
        generator: its weights are shared. few: of its texture. size: (h, w) px of the drawn rectangle.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ("picture",)

    def __init__(self, generator: Generator, few: FewBases, size: tuple[int, int]) -> None:
        super().__init__()
        self.generator, self.few, self.size = generator, few, tuple(size)
        self.teeth, self.renderer = generator.teeth, generator.renderer
        self.mouth = None if self.teeth is None else self.teeth.window_size(self.size)

    def at_mouth(self, image: Tensor, corner: Tensor) -> Tensor:
        r"""(B, C, h, w) → (B, C, h', w') around the mouth."""
        height, width = self.mouth
        return image[..., corner[0] : corner[0] + height, :][..., corner[1] : corner[1] + width]

    def look(self, sampled: Tensor, corner: Tensor) -> Tensor:
        r"""What a texture on the face gives the teeth submodule's first convolution, without its bias."""
        return F.conv2d(self.at_mouth(sampled, corner), self.teeth.look.weight, padding=1)

    def finish(
        self, ciec: Tensor, hole: Tensor, stem: Tensor, look: Tensor, corner: Tensor
    ) -> tuple[Tensor, Tensor]:
        r"""Colour F (1, 3, h, w) and attention α (1, 1, h, w) from the first convolutions' results."""
        if self.teeth is not None:
            patch = self.teeth.features(look, ciec)
            stem = stem + self.renderer.stem.share_of_patch("teeth", patch, corner, self.size)
        return self.renderer.finish(hole, stem)

    def picture(self, color: Tensor, attention: Tensor, background: Tensor) -> Tensor:
        r"""Equation 1, (h, w, 3) uint8."""
        return as_bytes(blend(color, attention, background)[0].permute(1, 2, 0))


class Prepare(PageGraph):
    r"""Once per frame: what background, masks and the texture at neutral give the first convolutions."""

    of_frame = ("background", "hole", "mask", "mouth", "uv", "corner")
    inputs = (*of_frame, "center")
    outputs = ("stem", "look")

    def forward(self, background, hole, mask, mouth, uv, corner, center):
        r"""``FrameInputs`` of the rectangle, the mouth's corner (2,) and the weights at neutral (1, K) → stem
        (1, C, h/2, w/2) and look. The weights are given because an exporter would keep what a constant gives
        as a texture of its own."""
        stem = self.renderer.stem
        texture = self.generator.texture.neutral[None] + self.few.blended(center)
        sampled = sample_texture(texture, uv, mask)
        fixed = stem.share("background", self.generator.background(background, hole), stem.bias)
        fixed = fixed + stem.share("texture", sampled)
        if self.teeth is None:
            return fixed, corner.to(fixed)
        masks = self.at_mouth(torch.cat([mask, mouth], dim=1), corner)
        look = self.look(sampled, corner) + self.teeth.look_masks(masks)
        return fixed, look + self.teeth.look.bias[:, None, None]


class Draw(PageGraph):
    r"""Any expression in any prepared frame."""

    inputs = ("ciec", "center", "background", "hole", "mask", "uv", "stem", "look", "corner")

    def forward(self, ciec, center, background, hole, mask, uv, stem, look, corner):
        r"""→ (h, w, 3) uint8."""
        sampled = sample_texture(self.few.blended(self.few.weights(ciec) - center), uv, mask)
        stem = stem + self.renderer.stem.share("texture", sampled)
        if self.teeth is not None:
            look = look + self.look(sampled, corner)
        return self.picture(*self.finish(ciec, hole, stem, look, corner), background)


class Fold(PageGraph):
    r"""Once per frame and type: what each direction of the texture gives the first convolutions."""

    inputs = ("along", "mask", "uv", "corner")
    outputs = ("stems", "looks")

    def forward(self, along, mask, uv, corner):
        r"""along (R, K) → stems (R, C·h/2·w/2) and looks (R, ·)."""
        changes = self.few.blended(along)  # (R, N, T, T)
        sampled = sample_texture(changes.flatten(0, 1)[None], uv, mask)[0].unflatten(0, changes.shape[:2])
        stems = self.renderer.stem.share("texture", sampled).flatten(1)
        if self.teeth is None:
            return stems, corner.to(stems)[None].expand(len(along), -1)
        return stems, self.look(sampled, corner).flatten(1)


class Rest(PageGraph):
    r"""Any intensity of one type in a folded frame."""

    inputs = (
        "ciec", "center", "across", "background", "hole", "stem", "look", "stems", "looks", "corner",
    )  # fmt: skip

    def forward(self, ciec, center, across, background, hole, stem, look, stems, looks, corner):
        r"""→ (h, w, 3) uint8."""
        shares = (self.few.weights(ciec) - center) @ across  # (1, R)
        stem = stem + (shares @ stems).reshape(stem.shape)
        if self.teeth is not None:
            look = look + (shares @ looks).reshape(look.shape)
        return self.picture(*self.finish(ciec, hole, stem, look, corner), background)


class Steps(PageGraph):
    r"""What lies between CIEC and picture (figure 2), for looking inside."""

    inputs = Draw.inputs
    outputs = ("texture", "sampled", "attention", "teeth", "static")

    def forward(self, ciec, center, background, hole, mask, uv, stem, look, corner):
        r"""→ texture (N, T, T), sampled (3, h, w), α (h, w), size of the teeth features (h', w'), and the
        picture with the texture at neutral (h, w, 3) uint8."""
        change = self.few.blended(self.few.weights(ciec) - center)
        sampled = sample_texture(change, uv, mask)
        first = stem + self.renderer.stem.share("texture", sampled)
        at = look if self.teeth is None else look + self.look(sampled, corner)
        teeth = mask[0, 0]
        if self.teeth is not None:
            teeth = self.teeth.features(at, ciec)[0].square().mean(0).sqrt()
        _, attention = self.finish(ciec, hole, first, at, corner)
        static = self.picture(*self.finish(ciec, hole, stem, look, corner), background)
        texture = self.generator.texture.neutral[None] + self.few.blended(center) + change
        return texture[0], sample_texture(texture, uv, mask)[0, :3], attention[0, 0], teeth, static


GRAPHS = (Prepare, Draw, Fold, Rest, Steps)
