r"""What a classifier looked at: how much less sure it is when a patch of the picture is covered."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from dnt_core.metrics.classifier_fit import predict
from dnt_core.parallel import torch_threads


def occlusion_map(
    net: nn.Module,
    pictures: np.ndarray,
    labels: np.ndarray,
    cover: np.ndarray,
    patch: float = 0.2,
    steps: int = 10,
) -> np.ndarray:
    r"""Loss of log-probability of the right class when a square is covered, for every place of the square.

    The square shows the mean picture instead of nothing: a black patch would be a new sight by itself.

    Args:
        net: a trained classifier.
        pictures: (T, 3, S, S) uint8.
        labels: (T,).
        cover: (3, S, S) uint8, the mean picture.
        patch: side of the square as a share of S.
        steps: places along each side.

    Returns:
        (T, steps, steps) nats; higher: what was there mattered more.
    """
    size = pictures.shape[-1]
    side = max(1, round(patch * size))
    starts = np.linspace(0, size - side, steps).round().astype(int)
    drop = np.empty((len(pictures), steps * steps), np.float32)
    with torch_threads(1):  # small batches: more threads only wait for each other
        before = right_log_probability(net, pictures, labels)
        for t, picture in enumerate(pictures):
            covered = np.repeat(picture[None], steps * steps, 0)  # (places, 3, S, S)
            for k, (top, left) in enumerate((top, left) for top in starts for left in starts):
                covered[k, :, top : top + side, left : left + side] = cover[
                    :, top : top + side, left : left + side
                ]
            drop[t] = before[t] - right_log_probability(net, covered, np.full(len(covered), labels[t]))
    return drop.reshape(-1, steps, steps)


def right_log_probability(net: nn.Module, pictures: np.ndarray, labels: np.ndarray) -> np.ndarray:
    r"""(T,) log p of the right class."""
    return predict(net, pictures)[torch.arange(len(labels)), torch.from_numpy(labels)].numpy()


def heat_over(picture: np.ndarray, heat: np.ndarray, scale: float) -> np.ndarray:
    r"""A picture (3, S, S) uint8 in grey with the heat (h, w) over it in red, where it exceeds nothing: (S,
    S, 3) uint8.

    Args:
        scale: heat that gets the full colour; the same for pictures that are compared.
    """
    size = picture.shape[-1]
    spread = torch.nn.functional.interpolate(
        torch.from_numpy(heat)[None, None], (size, size), mode="bilinear"
    )[0, 0].numpy()
    amount = np.clip(spread / max(scale, 1e-9), 0, 1)[..., None]
    grey = picture.mean(0)[..., None].repeat(3, -1) * 0.8 + 30
    return (
        (grey * (1 - 0.75 * amount) + np.array([235, 50, 20]) * 0.75 * amount).clip(0, 255).astype(np.uint8)
    )
