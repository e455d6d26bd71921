r"""The teeth submodule: what shows through the mouth hole, where there is no texture (figure 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.ciec import C
from dnt_core.networks.mouth_window import cut_window, mouth_window, paste_window
from dnt_core.networks.unet import SLOPE, UNet, unet_widths


class TeethSubmodule(nn.Module):
    r"""Centres the teeth area, runs a U-Net with residual blocks on it, and puts the result back.

    The U-Net sees the face around the mouth (the sampled texture), where face and hole are, and the CIEC,
    which goes through a fully connected layer and is concatenated at the coarsest level.

    Args:
        texture_channels: N of the sampled texture.
        channels: of the features that come out.
        depth: levels of the U-Net.
        window: height and width of the window as shares of the image's height and width; larger: more
            cheek and chin around the mouth, slower.
        code_size: numbers the CIEC is turned into.
        norm: see :class:`~dnt_core.networks.unet.ResidualBlock`.
        skips: see :class:`~dnt_core.networks.unet.UNet`.

    Raises:
        ValueError: a window's share outside (0, 1].
    """

    def __init__(
        self, texture_channels: int, channels: int = 16, depth: int = 3,
        window: tuple[float, float] = (0.25, 0.375), code_size: int = 16, norm: str = "none",
        skips: str = "concatenate",
    ) -> None:  # fmt: skip
        super().__init__()
        if not all(0 < share <= 1 for share in window):
            raise ValueError(f"the mouth window's shares of the image must lie in (0, 1], got {window}")
        self.window, self.channels = window, channels
        self.look = nn.Conv2d(texture_channels, channels, 3, padding=1)
        self.look_masks = nn.Conv2d(2, channels, 3, padding=1, bias=False)
        self.code = nn.Linear(C, code_size)
        self.unet = UNet(unet_widths(channels, depth, max_width_mult=4), code_size, norm, skips)

    def window_size(self, image_size: tuple[int, int]) -> tuple[int, int]:
        r"""(H, W) → (h, w), whole multiples of four pixels.

        Args:
            image_size: (H, W) px.
        """
        return tuple(
            max(4, 4 * round(share * side / 4)) for share, side in zip(self.window, image_size, strict=True)
        )

    def place(self, box: Tensor, image_size: tuple[int, int]) -> Tensor:
        r"""Mouth boxes (B, 4) in px → windows (B, 3), as ``mouth_window`` gives them.

        Args:
            box: (B, 4) left, top, right, bottom, px.
            image_size: (H, W) px.
        """
        return mouth_window(box, self.window_size(image_size))

    def look_at_texture(self, sampled: Tensor, window: Tensor) -> Tensor:
        r"""First step, linear in the sampled texture (B, N, H, W) but for a bias: (B, channels, h, w).

        Args:
            sampled: (B, N, H, W).
            window: (B, 3) of :meth:`place`.
        """
        return self.look(cut_window(sampled, window, self.window_size(sampled.shape[-2:])))

    def look_at_masks(self, mask: Tensor, mouth: Tensor, window: Tensor) -> Tensor:
        r"""What the geometry adds to it, (B, 1, H, W) twice → (B, channels, h, w).

        Args:
            mask: (B, 1, H, W), 1 on the face.
            mouth: (B, 1, H, W), 1 in the mouth hole.
            window: (B, 3) of :meth:`place`.
        """
        masks = torch.cat([mask, mouth], dim=1)
        return self.look_masks(cut_window(masks, window, self.window_size(mask.shape[-2:])))

    def features(self, looked: Tensor, ciec: Tensor) -> Tensor:
        r"""The sum of the two looks and the CIEC (B, 7) → features in the window, (B, channels, h, w).

        Args:
            looked: (B, channels, h, w).
            ciec: E, (B, 7).
        """
        code = F.leaky_relu(self.code(ciec.to(looked)), SLOPE)
        return F.leaky_relu(self.unet(looked, code), SLOPE)

    def in_window(
        self, sampled: Tensor, mask: Tensor, mouth: Tensor, box: Tensor, ciec: Tensor
    ) -> tuple[Tensor, Tensor]:
        r"""Teeth features in the mouth's window, (B, channels, h, w), and where it lies, (B, 3).

        Args:
            sampled: (B, N, H, W) texture on the face.
            mask: (B, 1, H, W), 1 on the face.
            mouth: (B, 1, H, W), 1 in the mouth hole.
            box: (B, 4) left, top, right, bottom of the mouth hole in px.
            ciec: (B, 7).
        """
        window = self.place(box.to(sampled), sampled.shape[-2:])
        looked = self.look_at_texture(sampled, window) + self.look_at_masks(mask, mouth, window)
        return self.features(looked, ciec), window

    def forward(self, sampled: Tensor, mask: Tensor, mouth: Tensor, box: Tensor, ciec: Tensor) -> Tensor:
        r"""The same features in the image's place, (B, channels, H, W), 0 outside the window.

        Args:
            sampled: (B, N, H, W) the sampled texture.
            mask: (B, 1, H, W), 1 on the face.
            mouth: (B, 1, H, W), 1 in the mouth hole.
            box: (B, 4) left, top, right, bottom of the hole, px.
            ciec: E, (B, 7).
        """
        return paste_window(*self.in_window(sampled, mask, mouth, box, ciec), sampled.shape[-2:])
