r"""How a picture becomes what an expression classifier sees: cut to the face, averaged down."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional as F

# The middle of the picture, where the face is: top, left, side as shares of the picture's side. The four
# settings on the screen are cut to it, so that the face fills them as it fills the texture.
FACE_SQUARE = (0.20, 0.16, 0.68)


@dataclass(frozen=True)
class InputConfig:
    r"""How pictures are made.

    Args:
        image_size: S, side of the pictures the classifier gets, px.
        render_size: R, side they are rendered at before the face is cut out, px.
        face_model: source for :func:`~dnt_core.face3d.load_face_model`; "" takes the one named in the clips'
            caches.
        face_square: (top, left, side) in shares of the picture; (0, 0, 1) cuts nothing.
    """

    image_size: int = 64
    render_size: int = 128
    face_model: str = ""
    face_square: tuple[float, float, float] = FACE_SQUARE

    def cut(self, pictures: torch.Tensor) -> torch.Tensor:
        r"""(B, 3, R, R) on the screen → (B, 3, S, S) of the face.

        Args:
            pictures: (B, 3, R, R) float in [0, 1].
        """
        top, left, side = (round(share * pictures.shape[-1]) for share in self.face_square)
        return self.fit(pictures[..., top : top + side, left : left + side])

    def fit(self, pictures: torch.Tensor) -> torch.Tensor:
        r"""(B, 3, H, W) → (B, 3, S, S), averaged, not thinned out.

        Args:
            pictures: (B, 3, H, W) float in [0, 1].
        """
        size = (self.image_size, self.image_size)
        if pictures.shape[-2:] == size:
            return pictures
        return F.interpolate(pictures, size, mode="bilinear", align_corners=False, antialias=True).clamp(0, 1)
