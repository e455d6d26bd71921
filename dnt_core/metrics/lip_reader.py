r"""Where are the lips in a picture? A regressor fitted on filmed frames, whose landmarks are known."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor
from torch.nn import functional as F

from dnt_core.face3d.camera import PerspectiveCamera
from dnt_core.face3d.morphable_model import MOUTH
from dnt_core.networks.mouth_window import cut_window

if TYPE_CHECKING:
    from sklearn.linear_model import RidgeCV

    from dnt_core.training.generator_data import GeneratorData

WINDOW = (0.24, 0.30)  # height and width of what is looked at, as shares of the picture
SEEN = (24, 30)  # pixels it is averaged down to
DISTANCE = 12.0  # decimetres from the camera at which the actor sits
MOVED = 1 / 128  # of the picture's side, by which the window is moved about while fitting
STRENGTHS = 10.0 ** np.arange(0, 6)


def mm_per_pixel(image_size: int, distance: float = DISTANCE) -> float:
    r"""How much of the face one pixel shows, at ``distance`` dm."""
    camera = PerspectiveCamera(image_size)
    return 100 * distance / (camera.scale * camera.focal)


def mouth_crops(pictures: Tensor, box: Tensor) -> np.ndarray:
    r"""Cuts the mouth out of pictures (B, 3, S, S), around the middles of boxes (B, 4) px.

    Returns:
        (B, h · w) float32 grey, each of mean 0 and variance 1: light falls away.
    """
    size = pictures.shape[-1]
    window = tuple(round(share * size) for share in WINDOW)
    middle = (box[:, :2] + box[:, 2:]) / 2
    place = torch.cat([middle, torch.ones_like(middle[:, :1])], 1)
    cut = cut_window(pictures.mean(1, keepdim=True), place, window)
    small = F.interpolate(cut, SEEN, mode="bilinear", antialias=True).flatten(1)
    small = small - small.mean(1, keepdim=True)
    return (small / small.std(1, keepdim=True).clamp(min=1e-6)).numpy()


def landmarks_of(data: GeneratorData, rows: np.ndarray) -> np.ndarray:
    r"""(N, 20, 2) px: true mouth landmarks of some rows, as the prepared clips hold them."""
    found = {}
    for clip in sorted(set(data.rows[rows, 0].tolist())):
        with safe_open(data.files[clip], framework="np") as file:
            found[clip] = file.get_tensor("landmarks")[:, MOUTH]
    return np.stack([found[clip][frame] for clip, frame in data.rows[rows]])


@dataclass(frozen=True)
class LinearReader:
    r"""A fitted linear regression without what fitted it, as a file keeps it.

    Attributes:
        coef_: (outputs, inputs). intercept_: (outputs,). Named as scikit-learn names them.
    """

    coef_: np.ndarray
    intercept_: np.ndarray

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        r"""(N, inputs) → (N, outputs)."""
        return inputs @ self.coef_.T + self.intercept_


@dataclass(frozen=True)
class LipReader:
    r"""Ridge regression from the mouth's pixels to its 20 landmarks.

    Attributes:
        ridge: the fit. millimetres: a pixel's.
    """

    ridge: RidgeCV | LinearReader
    millimetres: float

    @classmethod
    def fit(cls, data: GeneratorData, rows: np.ndarray) -> LipReader:
        r"""Fits to filmed frames of all expressions; boxes are the geometry's, known for drawn frames too.

        Each frame is looked at through nine windows, the box's and some a little beside it. In the middle of
        its box a mouth never lies anywhere else: a reader that saw nothing but that would read little over
        half of a movement of the lips as a whole.
        """
        from sklearn.linear_model import RidgeCV

        moves = data.image_size * torch.tensor(list(product((-MOVED, 0, MOVED), repeat=2)))
        crops, boxes = _filmed(data, rows, moves)
        inside = landmarks_of(data, rows) - _middle(boxes)
        inside = inside.reshape(*crops.shape[:2], -1)
        ridge = RidgeCV(STRENGTHS).fit(np.concatenate(crops), np.concatenate(inside))
        return cls(ridge, mm_per_pixel(data.image_size))

    def __call__(self, pictures: Tensor, box: Tensor) -> np.ndarray:
        r"""(B, 3, S, S) in [0, 1] and mouth boxes (B, 4) px → (B, 20, 2) mm from the middle of the box."""
        read = self.ridge.predict(mouth_crops(pictures, box.expand(len(pictures), -1)))
        return read.reshape(len(pictures), -1, 2) * self.millimetres

    def error(self, data: GeneratorData, rows: np.ndarray) -> float:
        r"""Mean distance to the true landmarks of filmed frames it was not fitted on, mm."""
        crops, boxes = (found[0] for found in _filmed(data, rows, torch.zeros(1, 2)))
        read = self.ridge.predict(crops).reshape(len(rows), -1, 2) + _middle(boxes)
        return float(np.linalg.norm(read - landmarks_of(data, rows), axis=-1).mean() * self.millimetres)


def _filmed(data: GeneratorData, rows: np.ndarray, moves: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """What windows around the rows' mouth boxes show, moved by each of (M, 2) px across and down, and where
    they lie: (M, N, h · w) and (M, N, 4)."""
    crops, boxes = [], []
    for row in rows:
        batch = data.batch([row])
        boxes.append(batch.frame.mouth_box + moves.repeat(1, 2))  # (M, 4)
        crops.append(mouth_crops(batch.target.expand(len(moves), -1, -1, -1), boxes[-1]))
    return np.stack(crops, 1), torch.stack(boxes, 1).numpy()


def _middle(box: np.ndarray) -> np.ndarray:
    return ((box[..., :2] + box[..., 2:]) / 2)[..., None, :]
