r"""Is a drawn picture as sharp as film? The energy of its finest detail, and how far that is the film's.

Detail is what a picture's brightness has beyond its blurred copy. *Sharpness* is its energy as a ratio to
the film's: 1 as sharp, below 1 blurred, above 1 too rough. Noise has energy, too, so a ratio alone proves
nothing; beside it stands the *correlation* of both details, pixel by pixel: 1 for the same detail, 0 for
noise or for pores in other places. The least squares predictor of what it cannot know has a ratio of the
squared correlation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.metrics.image_metrics import Predict
from dnt_core.rendering.precision import exact_dtype

if TYPE_CHECKING:
    from dnt_core.networks.generator import FrameInputs
    from dnt_core.training.generator_data import GeneratorData

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
BLUR = 1 / 128  # standard deviation of the blur, in sides of the picture: finer than about 6 px of 128
#: What is no skin, as rows of the 68 landmarks whose outlines are filled: brows, eyes, nostrils, mouth.
FEATURES = (range(17, 22), range(22, 27), range(36, 42), range(42, 48), range(31, 36), range(48, 60))
MARGIN = 0.025  # of the texture, by which those outlines are widened


def detail(pictures: Tensor, blur: float = BLUR) -> Tensor:
    r"""Brightness beyond its blurred copy.

    Args:
        pictures: (B, 3, H, W) RGB in [0, 1]. blur: standard deviation of the Gaussian, in sides H.

    Returns:
        (B, 1, H, W), about 0 in the mean.
    """
    luma = (pictures * pictures.new_tensor(LUMA)[:, None, None]).sum(1, keepdim=True)
    sigma = blur * pictures.shape[-2]
    reach = max(1, round(3 * sigma))
    at = torch.arange(-reach, reach + 1, dtype=pictures.dtype, device=pictures.device)
    bell = torch.exp(-((at / sigma) ** 2) / 2)
    bell = (bell / bell.sum())[None, None, None]
    wide = F.pad(luma, (reach,) * 4, mode="replicate")
    return luma - F.conv2d(F.conv2d(wide, bell), bell.transpose(-1, -2))


class DetailEnergies:
    r"""Gathers the details' energies over pictures, part by part; frames with much detail count more."""

    def __init__(self) -> None:
        self.frames: dict[str, list[Tensor]] = {}

    def add(self, image: Tensor, target: Tensor, parts: Mapping[str, Tensor]) -> None:
        r"""Takes drawn and filmed pictures (B, 3, H, W) and masks (B, 1, H, W) by the name of their part."""
        mine, true = (detail(pictures).to(exact_dtype(pictures.device)) for pictures in (image, target))
        for name, mask in parts.items():
            products = (mine**2, true**2, mine * true)
            sums = torch.stack([(mask * product).sum((1, 2, 3)) for product in products], 1)  # (B, 3)
            self.frames.setdefault(name, []).append(sums)

    def of_frames(self, part: str) -> np.ndarray:
        r"""(N, 3) per frame: energy of the drawn detail, of the filmed one, and the sum of their product.

        Args:
            part: its name, as it was given to :meth:`add`.
        """
        return torch.cat(self.frames[part]).cpu().numpy()

    def result(self) -> dict[str, float]:
        r"""``sharpness_<part>``, the ratio of energies, and ``detail_correlation_<part>`` in [−1, 1]; NaN for
        a part without any detail."""
        found = {}
        for name in self.frames:
            mine, true, both = self.of_frames(name).sum(0).tolist()
            found[f"sharpness_{name}"] = mine / true if true else float("nan")
            product = (mine * true) ** 0.5
            found[f"detail_correlation_{name}"] = both / product if product else float("nan")
        return found


@torch.no_grad()
def sharpness(
    predict: Predict, data: GeneratorData, rows: np.ndarray, skin: Tensor | None = None, batch_size: int = 8
) -> dict[str, float]:
    r"""Sharpness and correlation of the detail in drawn frames, of skin and of what the mouth shows.

    Args:
        predict: batch → pictures (B, 3, S, S) in [0, 1].
        skin: (1, T, T) of :func:`skin_texels`; None: all of the face counts as skin.

    Returns:
        ``sharpness_skin``, ``sharpness_teeth`` (all that is seen in the mouth hole), and
        ``detail_correlation_skin``, ``detail_correlation_teeth``.
    """
    return detail_energies(predict, data, rows, skin, batch_size).result()


@torch.no_grad()
def detail_energies(
    predict: Predict, data: GeneratorData, rows: np.ndarray, skin: Tensor | None = None, batch_size: int = 8
) -> DetailEnergies:
    r"""The energies behind :func:`sharpness`, frame by frame, for an interval.

    Args:
        predict, data, rows, skin, batch_size: as :func:`sharpness` takes them.
    """
    energies = DetailEnergies()
    for start in range(0, len(rows), batch_size):
        batch = data.batch(rows[start : start + batch_size])
        parts = {"skin": on_skin(batch.frame, skin), "teeth": batch.frame.mouth}
        energies.add(predict(batch).clamp(0, 1), batch.target, parts)
    return energies


def on_skin(frame: FrameInputs, skin: Tensor | None) -> Tensor:
    r"""(B, 1, H, W), 1 where the face shows skin; ``skin`` as in :func:`sharpness`."""
    if skin is None:
        return frame.mask
    size = skin.shape[-1]
    column, row = (frame.uv_map * size).floor().long().clamp(0, size - 1).unbind(1)
    return frame.mask * skin.to(frame.mask)[0, size - 1 - row, column][:, None]


def skin_texels(model: MorphableModel, size: int = 256) -> Tensor:
    r"""Which texels are skin: all but brows, eyes, nostrils and mouth, whose landmarks' outlines are widened
    by :data:`MARGIN`.

    Args:
        size: T.

    Returns:
        (1, T, T) of 0 and 1, row 0 at v = 1.
    """
    from skimage.draw import polygon2mask

    at = model.uv[model.landmark_indices].double().cpu().numpy()  # (68, 2)
    places = np.stack([(1 - at[:, 1]) * size - 0.5, at[:, 0] * size - 0.5], axis=1)
    feature = np.zeros((size, size), bool)
    for rows in FEATURES:
        outline = places[list(rows)]
        along = np.linspace(0, 1, size)[:, None, None]
        edges = outline + along * (np.roll(outline, -1, axis=0) - outline)  # thin outlines fill nothing
        row, column = edges.reshape(-1, 2).round().astype(int).clip(0, size - 1).T
        feature[row, column] = True
        feature |= polygon2mask((size, size), outline)
    reach = round(MARGIN * size)
    wide = F.max_pool2d(torch.from_numpy(feature)[None, None].float(), 2 * reach + 1, 1, reach)
    return 1 - wide[0]
