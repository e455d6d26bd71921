r"""How well a generator draws frames it never saw: PSNR and SSIM, beside the simplest of predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure as ssim

from dnt_core.metrics.psnr import psnr
from dnt_core.networks.generator import Generator

if TYPE_CHECKING:
    from dnt_core.training.generator_data import Batch, GeneratorData

Predict = Callable[["Batch"], Tensor]


def measure(predict: Predict, data: GeneratorData, rows: np.ndarray, batch_size: int = 8) -> dict[str, float]:
    r"""Each number of :func:`measure_frames`, then the mean over frames; frames that are NaN do not count.

    So PSNR is a mean of decibels, not the decibels of the mean error, which are fewer: frames count alike,
    however bad they are. The paper does not say which it took.

    Args:
        predict: batch → pictures (B, 3, S, S) in [0, 1].

    Returns:
        name → mean; NaN where no frame counts.
    """
    found = measure_frames(predict, data, rows, batch_size)
    return {name: float(torch.from_numpy(values).nanmean()) for name, values in found.items()}


@torch.no_grad()
def measure_frames(
    predict: Predict, data: GeneratorData, rows: np.ndarray, batch_size: int = 8
) -> dict[str, np.ndarray]:
    r"""How well each frame is drawn.

    Args:
        predict: batch → pictures (B, 3, S, S) in [0, 1].

    Returns:
        ``psnr``, ``psnr_face`` and ``psnr_mouth`` in dB, and ``ssim``, ``ssim_face`` and ``ssim_mouth``, each
        (N,): of the whole picture, inside the face, inside the mouth hole, as the geometry that is drawn has
        them. Mouths that are shut are NaN in the latter. SSIM is that of Wang et al. 2004 (Gaussian window of
        11 px, σ 1.5) averaged over the colours.
    """
    found: dict[str, list[Tensor]] = {}
    for start in range(0, len(rows), batch_size):
        batch = data.batch(rows[start : start + batch_size])
        image, frame = predict(batch).clamp(0, 1), batch.frame
        _, similar = ssim(image, batch.target, data_range=1.0, reduction="none", return_full_image=True)
        similar = similar.mean(1, keepdim=True)  # (B, 1, S, S)
        for part, mask in (("", torch.ones_like(frame.mask)), ("_face", frame.mask), ("_mouth", frame.mouth)):
            found.setdefault(f"psnr{part}", []).append(psnr(image, batch.target, mask))
            inside = (similar * mask).sum((1, 2, 3)) / mask.sum((1, 2, 3))
            found.setdefault(f"ssim{part}", []).append(inside)
    return {name: torch.cat(values).numpy() for name, values in found.items()}


def drawn_by(generator: Generator) -> Predict:
    r"""What the generator draws, given background, geometry and CIEC."""
    generator.eval()
    return lambda batch: generator(batch.frame, batch.ciec).image


def mean_face(data: GeneratorData, rows: np.ndarray) -> Predict:
    r"""The trivial prediction: the mean of some rows' frames, set into the hole of the true background."""
    mean = data.mean_frame(rows)
    return lambda batch: torch.where(batch.frame.hole > 0, mean, batch.frame.background)


def spread(rows: np.ndarray, most: int) -> np.ndarray:
    r"""At most so many of the rows, evenly spread."""
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int)]
