r"""One pose, any expression: everything that does not depend on the CIEC computed once (for the sliders)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dnt_core.networks.face_window import FaceWindow, face_window
from dnt_core.networks.generator import FrameInputs, Generator, check_inputs
from dnt_core.networks.mouth_window import cut_window
from dnt_core.networks.neural_renderer import Rendered, blend


class FoldedPose(nn.Module):
    r"""The generator with one frame's background and geometry built in.

    Looking up the texture and the first convolutions are linear in the texture. So the neutral texture and
    each basis are sampled onto the face and pushed through them once; a move of the slider costs a blend of
    K results and the rest of the network. Same pictures as :class:`~dnt_core.networks.generator.Generator`
    up to rounding.

    Args:
        generator: its weights are shared, not copied; fold again after training it further.
        frame: inputs of one frame, B = 1; with a ``window`` those of its rectangle.
        window: the rectangle that ``frame`` was cut to; None: it is the whole frame.
        background: (1, 3, H, W) of the whole frame, where ``frame`` was cut.

    Raises:
        ValueError: more than one frame.
    """

    def __init__(
        self, generator: Generator, frame: FrameInputs, window: FaceWindow | None = None,
        background: Tensor | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        check_inputs(frame, frame.uv_map.new_zeros(len(frame.uv_map), 7))
        self.texture, self.teeth, self.renderer = generator.texture, generator.teeth, generator.renderer
        self.register_buffer("whole_background", frame.background if background is None else background)
        if window is None:
            window = face_window(frame.hole, generator.config.face_window)
            frame = frame.inside(window)
        self.face_window = window
        self.size = tuple(frame.uv_map.shape[-2:])
        with torch.no_grad():
            self.register_buffer("frame_background", frame.background)
            self.register_buffer("hole", frame.hole)
            neutral, bases = self.texture.sample_bases(frame.uv_map, frame.mask)
            sampled = torch.cat([neutral[None], bases])  # (1 + K, N, H, W)
            features = generator.background(frame.background, frame.hole)
            fixed = self.renderer.stem.share("background", features, self.renderer.stem.bias)
            self._fold("stem", self.renderer.stem.share("texture", sampled), fixed[0])
            self._fold("color", sampled[:, :3], 0)
            if self.teeth is not None:
                self._fold_teeth(frame, sampled)

    def _fold_teeth(self, frame: FrameInputs, sampled: Tensor) -> None:
        window = self.teeth.place(frame.mouth_box.to(sampled), self.size)
        self.register_buffer("window", window)
        cut = cut_window(sampled, window.expand(len(sampled), -1), self.teeth.window_size(self.size))
        look = self.teeth.look
        fixed = self.teeth.look_at_masks(frame.mask, frame.mouth, window)[0] + look.bias[:, None, None]
        self._fold("looked", nn.functional.conv2d(cut, look.weight, padding=1), fixed)

    def _fold(self, name: str, shares: Tensor, fixed: Tensor | float) -> None:
        """Keeps what the neutral texture and fixed inputs give (1, C, h, w), and each basis (K, C·h·w)."""
        self.register_buffer(f"{name}_neutral", (shares[:1] + fixed).contiguous())
        self.register_buffer(f"{name}_bases", shares[1:].flatten(1).contiguous())

    def _blend(self, name: str, weights: Tensor) -> Tensor:
        neutral, bases = getattr(self, f"{name}_neutral"), getattr(self, f"{name}_bases")
        return neutral + (weights @ bases).unflatten(1, neutral.shape[1:])

    def forward(self, ciec: Tensor) -> Rendered:
        r"""CIECs (B, 7) of this one pose → pictures, as the generator's.

        Args:
            ciec: E, (B, 7).
        """
        weights = self.texture.weights(ciec).to(self.stem_bases)  # (B, K)
        stem = self._blend("stem", weights)
        if self.teeth is not None:
            patch = self.teeth.features(self._blend("looked", weights), ciec)
            window = self.window.expand(len(ciec), -1)
            stem = stem + self.renderer.stem.share_of_windows("teeth", patch, window, self.size)
        color, attention = self.renderer.finish(self.hole.expand(len(ciec), -1, -1, -1), stem)
        blended = blend(color, attention, self.frame_background)
        around = self.whole_background.expand(len(ciec), -1, -1, -1)
        image = self.face_window.paste(blended, onto=around)
        rest = (color, attention, self._blend("color", weights))
        return Rendered(image, *map(self.face_window.paste, rest))
