r"""The generator g(B, F, E): background, face geometry and CIEC in, a frame out (sections 3.3–3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from dnt_core.arguments import check_fits, check_type
from dnt_core.ciec import C
from dnt_core.networks.dynamic_texture import DynamicTexture
from dnt_core.networks.face_window import FaceWindow, face_window
from dnt_core.networks.generator_config import GeneratorConfig
from dnt_core.networks.neural_renderer import BackgroundNetwork, NeuralRenderer, Rendered, blend
from dnt_core.networks.neural_texture import NeuralTexture, StaticTexture
from dnt_core.networks.teeth_submodule import TeethSubmodule
from dnt_core.networks.texture_set import TextureSet
from dnt_core.own_torch import seeded


class FrameInputs(NamedTuple):
    r"""Everything the generator is told about a frame except its expression; tensors of one device and dtype.

    Attributes:
        background: (B, 3, H, W) RGB in [0, 1], the frame with face and mouth cut out.
        hole: (B, 1, H, W), 1 where it was cut out.
        uv_map: (B, 2, H, W) in [0, 1], v up, of the decoupled geometry.
        mask: (B, 1, H, W), 1 where that geometry shows.
        mouth: (B, 1, H, W), 1 in its mouth hole, the teeth area.
        mouth_box: (B, 4), left, top, right, bottom of the hole's projection in px, pixel centres at
            integers.
    """

    background: Tensor
    hole: Tensor
    uv_map: Tensor
    mask: Tensor
    mouth: Tensor
    mouth_box: Tensor

    def each(self, change) -> FrameInputs:
        r"""``change`` applied to every tensor, such as ``lambda t: t.to(device)`` or ``lambda t: t[:1]``.

        Args:
            change: tensor → tensor.
        """
        return FrameInputs(*map(change, self))

    def repeat(self, times: int) -> FrameInputs:
        r"""One frame (B = 1) as a batch of ``times``, without copying.

        Args:
            times: B, at least 1.
        """
        return self.each(lambda t: t.expand(times, *t.shape[1:]))

    def inside(self, window: FaceWindow) -> FrameInputs:
        r"""What a rectangle of each frame shows, with boxes in the rectangle's pixels.

        Args:
            window: rectangles of one size, one for each frame.
        """
        pictures = map(window.cut, self[:-1])
        return FrameInputs._make([*pictures, window.shift_box(self.mouth_box)])


@dataclass(frozen=True)
class Steps:
    r"""A batch's way through the generator, in the faces' rectangles of h × w px.

    Attributes:
        window: where the rectangles lie.
        inside: what they show of the inputs.
        sampled: (B, N, h, w), the texture on the face.
        texture_color: (B, 3, h, w), its first three channels.
        teeth: the teeth submodule's features in the mouth's window, (B, ·, h', w'), and where that lies in
            the rectangle, (B, 3); None without submodule.
        color: F, (B, 3, h, w).
        attention: α, (B, 1, h, w).
    """

    window: FaceWindow
    inside: FrameInputs
    sampled: Tensor
    texture_color: Tensor
    teeth: tuple[Tensor, Tensor] | None
    color: Tensor
    attention: Tensor

    def rendered(self, background: Tensor) -> Rendered:
        r"""The whole pictures, given the whole background (B, 3, H, W)."""
        blended = blend(self.color, self.attention, self.inside.background)
        rest = map(self.window.paste, (self.color, self.attention, self.texture_color))
        return Rendered(self.window.paste(blended, onto=background), *rest)


class Generator(nn.Module):
    r"""Dynamic texture → sampled on the face → with teeth and background into the neural renderer → blended.

    Args:
        config: the sizes; the weights follow from its seed.

    Examples:
        >>> from dnt_core.networks.generator import example_inputs
        >>> config = dnt_core.GeneratorConfig(texture_size=32, bases=2, width=8, depth=2)
        >>> generator = dnt_core.Generator(config)
        >>> generator(example_inputs(image_size=32), dnt_core.encode("sad", 1.0)[None]).image.shape
        torch.Size([1, 3, 32, 32])
    """

    def __init__(self, config: GeneratorConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or GeneratorConfig()
        check_type(config, GeneratorConfig, "config", "a GeneratorConfig")
        with seeded(config.seed):
            self.texture = _make_texture(config)
            self.teeth = None
            sources = {"texture": config.texture_channels}
            if config.teeth:
                self.teeth = TeethSubmodule(
                    config.texture_channels, config.teeth_width, config.teeth_depth, config.mouth_window,
                    config.code_size, config.norm, config.skips,
                )  # fmt: skip
                sources["teeth"] = config.teeth_width
            self.background = BackgroundNetwork(config.background_width)
            sources["background"] = config.background_width
            self.renderer = NeuralRenderer(
                sources, config.width, config.depth, config.half_resolution, config.detail_width, config.norm,
                config.max_width_mult, config.skips,
            )  # fmt: skip

    def forward(self, frame: FrameInputs, ciec: Tensor, window: FaceWindow | None = None) -> Rendered:
        r"""Renders a batch.

        Args:
            frame: B and F, see :class:`FrameInputs`.
            ciec: E, (B, 7).
            window: the faces' rectangles where they are known; None: found in ``frame.hole``.

        Raises:
            ValueError: shapes that do not fit each other; without ``window``, a CIEC that is not finite.
        """
        if window is None and isinstance(ciec, Tensor) and not torch.isfinite(ciec).all():
            raise ValueError("generator: ciec holds NaN or infinity; expected numbers in [0, 1]")
        return self.steps(frame, ciec, window).rendered(frame.background)

    def steps(
        self, frame: FrameInputs, ciec: Tensor, window: FaceWindow | None = None,
        texture_ciec: Tensor | None = None, with_teeth: bool = True,
    ) -> Steps:  # fmt: skip
        r"""What :meth:`forward` computes on the way, in the faces' rectangles.

        Args:
            frame: batch of B, see :class:`FrameInputs`.
            ciec: E, (B, 7).
            window: the faces' rectangles where they are known; None: found in ``frame.hole``.
            texture_ciec: the texture's E, (B, 7), where it is to be another one than the teeth's.
            with_teeth: False: as if the teeth submodule gave 0.
        """
        check_inputs(frame, ciec)
        check_fits(frame.background, self, "generator: frame")
        window = window or face_window(frame.hole, self.config.face_window)
        inside, stem = frame.inside(window), self.renderer.stem
        sampled = self.texture.sample(
            ciec if texture_ciec is None else texture_ciec, inside.uv_map, inside.mask
        )  # (B, N, h, w)
        # sliced here: autograd takes the layout of the last gradient for all; as pixels: it keeps theirs
        colors = sampled.permute(0, 2, 3, 1)[..., :3].permute(0, 3, 1, 2)
        background = self.background(inside.background, inside.hole)
        first = stem.share("background", background, stem.bias)
        teeth = None
        if self.teeth is not None and with_teeth:
            teeth = self.teeth.in_window(sampled, inside.mask, inside.mouth, inside.mouth_box, ciec)
            first = first + stem.share_of_windows("teeth", *teeth, window.size)
        color, attention = self.renderer.finish(inside.hole, first + stem.share("texture", sampled))
        return Steps(window, inside, sampled, colors, teeth, color, attention)


def _make_texture(config: GeneratorConfig) -> NeuralTexture:
    size, channels, seed = config.texture_size, config.texture_channels, config.seed
    basis_size = config.basis_size or size
    if config.texture == "static":
        return StaticTexture(size, channels, seed)
    if config.texture == "set":
        return TextureSet(size, channels, between=config.between, basis_size=basis_size, seed=seed)
    return DynamicTexture(size, channels, config.bases, basis_size, config.transcoder, seed)


def check_inputs(frame: FrameInputs, ciec: Tensor) -> None:
    r"""Raises a TypeError or a ValueError, one sentence, unless kinds, types and shapes fit each other."""
    check_type(frame, FrameInputs, "generator: frame", "FrameInputs")
    check_type(ciec, Tensor, "generator: ciec", "a tensor (B, 7)")
    batch, _, height, width = frame.uv_map.shape
    wanted = {
        "background": (batch, 3, height, width), "hole": (batch, 1, height, width),
        "uv_map": (batch, 2, height, width),
        "mask": (batch, 1, height, width), "mouth": (batch, 1, height, width), "mouth_box": (batch, 4),
    }  # fmt: skip
    for name, shape in wanted.items():
        found = tuple(getattr(frame, name).shape)
        if found != shape:
            raise ValueError(f"generator: {name} has shape {found}; expected {shape}, as the UV map has")
    if tuple(ciec.shape) != (batch, C):
        raise ValueError(f"generator: ciec has shape {tuple(ciec.shape)}; expected ({batch}, {C})")


def example_inputs(image_size: int, batch: int = 1) -> FrameInputs:
    r"""Inputs of the right shapes, a grey frame with a square face: for counting, timing and export."""
    low, high = image_size // 4, image_size - image_size // 4
    mask = torch.zeros(batch, 1, image_size, image_size)
    mask[..., low:high, low:high] = 1
    ramp = torch.linspace(0, 1, image_size)
    uv_map = torch.stack([ramp.expand(image_size, -1), 1 - ramp[:, None].expand(-1, image_size)])
    middle, eighth = image_size / 2, image_size / 8
    box = torch.tensor([middle - eighth, middle - eighth / 2, middle + eighth, middle + eighth / 2])
    background = torch.full((batch, 3, image_size, image_size), 0.5)
    return FrameInputs(
        background,
        mask,
        uv_map.expand(batch, -1, -1, -1) * mask,
        mask,
        torch.zeros_like(mask),
        box.repeat(batch, 1),
    )


@torch.no_grad()
def count_gflop(generator: Generator, image_size: int, batch: int = 1) -> float:
    r"""10⁹ multiplications and additions of a frame's matrix products and convolutions."""
    from torch.utils.flop_counter import FlopCounterMode

    like = next(generator.parameters())
    frame = example_inputs(image_size, batch).each(lambda t: t.to(like))
    with FlopCounterMode(display=False) as counter:
        generator(frame, like.new_zeros(batch, C))
    return counter.get_total_flops() / 1e9 / batch
