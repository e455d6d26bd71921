r"""Aligned face crops with labels: what StarGAN and ExprGAN learn from, and how their faces go back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dnt_core.metrics.classifier_eval import labels_of
from dnt_core.networks.face_window import FaceWindow, window_around
from dnt_core.training.generator_data import Batch, GeneratorData

SHARE = (7 / 8, 5 / 8)  # height and width of a crop, in shares of the picture: as the generator's own


def crop_window(batch: Batch) -> FaceWindow:
    r"""The rectangles around a batch's faces, all of one size, the face's hole in their middle."""
    return window_around(batch.hole_box, SHARE, tuple(batch.target.shape[-2:]))


@dataclass(frozen=True)
class FaceCrops:
    r"""Crops in memory, 8 bits a colour.

    Aligned by moving alone: the middle of the face is the middle of the crop, by whole pixels, so that
    cutting and pasting loses nothing.

    Attributes:
        pictures: (N, 3, h, w) uint8 RGB.
        types: (N,) int64, numbers of ``EXPRESSIONS``.
        levels: (N,) int64, 0 to 2 for levels 1 to 3, -1 for neutral.
    """

    pictures: np.ndarray
    types: np.ndarray
    levels: np.ndarray

    @classmethod
    def of(cls, data: GeneratorData, rows: np.ndarray, batch_size: int = 32) -> FaceCrops:
        r"""Crops of some rows' filmed frames.

        All crops are of one size, in which the largest face fits.

        Raises:
            ValueError: no rows.
        """
        if not len(rows):
            raise ValueError("there are no frames to cut faces out of")
        frames, boxes = [], []
        for start in range(0, len(rows), batch_size):
            batch = data.batch(rows[start : start + batch_size])
            frames.append((batch.target * 255).round().byte())
            boxes.append(batch.hole_box)
        window = window_around(torch.cat(boxes), SHARE, (data.image_size,) * 2)
        pictures = window.cut(torch.cat(frames)).numpy()
        return cls(pictures, labels_of(data, rows, "type"), labels_of(data, rows, "level"))

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def size(self) -> tuple[int, int]:
        r"""(h, w) px."""
        return tuple(self.pictures.shape[-2:])

    def batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        r"""(B, 3, h, w) in [0, 1], types (B,), levels (B,)."""
        pictures = torch.from_numpy(self.pictures[rows]).float() / 255
        return pictures, torch.from_numpy(self.types[rows]), torch.from_numpy(self.levels[rows])

    def domains(self) -> np.ndarray:
        r"""(D, 2): each type with each level that occurs, sorted."""
        return np.unique(np.stack([self.types, self.levels], 1), axis=0)
