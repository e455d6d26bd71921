r"""Frames in another light: so that no expression is known by the light it happened to be filmed in."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def light_fields(count: int, strength: float, seed: tuple[int, ...]) -> Tensor:
    r"""(count, 2): logarithms of an overall gain and of a side light's, uniform in ± ``strength``."""
    return torch.from_numpy(np.random.default_rng(seed).uniform(-strength, strength, (count, 2))).float()


def relight(frames: Tensor, fields: Tensor) -> Tensor:
    r"""Frames darker or lighter, and lighter on one side than on the other.

    Args:
        frames: (B, 3, H, W) RGB in [0, 1].
        fields: (B, 2) of :func:`light_fields`: a, b; the pixel at x in [-1, 1] is multiplied by exp(a + b x).
    """
    gain, side = fields.to(frames).view(-1, 2, 1, 1, 1).unbind(1)  # (B, 1, 1, 1) each
    across = torch.linspace(-1, 1, frames.shape[-1], device=frames.device)
    return (frames * torch.exp(gain + side * across)).clamp(0, 1)
