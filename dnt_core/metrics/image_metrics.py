r"""How well a generator draws frames it never saw: PSNR and SSIM, beside the simplest of predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from dnt_core.metrics.psnr import psnr
from dnt_core.metrics.ssim import ssim_map
from dnt_core.networks.generator import Generator

if TYPE_CHECKING:
    from dnt_core.training.generator_data import Batch, GeneratorData

Predict = Callable[["Batch"], Tensor]
BATCH = 8  # frames drawn at once


def measure(
    predict: Predict, data: GeneratorData, rows: np.ndarray, batch_size: int = BATCH
) -> dict[str, float]:
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
    predict: Predict, data: GeneratorData, rows: np.ndarray, batch_size: int = BATCH
) -> dict[str, np.ndarray]:
    r"""How well each frame is drawn.

    Args:
        predict: batch → pictures (B, 3, S, S) in [0, 1].

    Returns:
        ``psnr``, ``psnr_face`` and ``psnr_mouth`` in dB, and ``ssim``, ``ssim_face`` and ``ssim_mouth``, each
        (N,): of the whole picture, inside the face, inside the mouth hole, as the geometry that is drawn has
        them. Mouths that are shut are NaN in the latter. SSIM is that of Wang et al. 2004 (Gaussian window of
        11 px, σ 1.5) averaged over the colours, and over all pixels: most packages leave out the outer 5 px
        (:mod:`~dnt_core.metrics.ssim`).
    """
    found: dict[str, list[Tensor]] = {}
    for part in in_parts(rows, batch_size):
        batch = data.batch(part)
        for name, values in picture_metrics(predict(batch).clamp(0, 1), batch).items():
            found.setdefault(name, []).append(values)
    return {name: torch.cat(values).cpu().numpy() for name, values in found.items()}


def picture_metrics(image: Tensor, batch: Batch) -> dict[str, Tensor]:
    r"""The numbers of :func:`measure`, each (B,), of pictures (B, 3, S, S) in [0, 1] and their batch.

    How SSIM misleads: its window of 11 px mixes the surroundings into ``ssim_mouth``, so that a wholly wrong
    mouth of 2 px height still scores 0.5. How PSNR misleads: it forgives what is blurred and does not forgive
    what is sharp and a pixel beside its place.
    """
    frame, similar = batch.frame, ssim_map(image, batch.target)
    found = {}
    for part, mask in (("", torch.ones_like(frame.mask)), ("_face", frame.mask), ("_mouth", frame.mouth)):
        found[f"psnr{part}"] = psnr(image, batch.target, mask)
        found[f"ssim{part}"] = (similar * mask).sum((1, 2, 3)) / mask.sum((1, 2, 3))
    return found


def drawn_by(generator: Generator) -> Predict:
    r"""What the generator draws, given background, geometry and CIEC."""
    generator.eval()
    return lambda batch: generator(batch.frame, batch.ciec).image


def mean_face(data: GeneratorData, rows: np.ndarray) -> Predict:
    r"""The trivial prediction: the mean of some rows' frames, set into the hole of the true background."""
    mean = data.mean_frame(rows)
    return lambda batch: torch.where(batch.frame.hole > 0, mean, batch.frame.background)


def in_parts(rows: np.ndarray, size: int = BATCH) -> Iterator[np.ndarray]:
    r"""The rows one after the other, so many at once."""
    return (rows[start : start + size] for start in range(0, len(rows), size))


def spread(rows: np.ndarray, most: int) -> np.ndarray:
    r"""At most so many of the rows, evenly spread."""
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int)]
