r"""Every expression at every intensity on a few frames: what do meter and lip reader see?

Along the intensity, with the frame fixed: does the measured intensity follow the asked one, and do the lips
stay where the speech wants them?
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from dnt_core.ciec import CIEC_TYPES, encode
from dnt_core.metrics.intensity_meter import IntensityMeter, face_texels
from dnt_core.metrics.lip_reader import LipReader
from dnt_core.networks.folded_pose import FoldedPose
from dnt_core.networks.generator import Generator
from dnt_core.training.generator_data import GeneratorData

LEVELS = (0.5, 1, 1.5, 2, 2.5, 3)  # figure 5's columns
INTENSITIES = (0.0, 1 / 6, 0.33, 0.5, 0.67, 5 / 6, 1.0)  # neutral, then those levels


@dataclass(frozen=True)
class Sweep:
    r"""R frames × 7 expressions × N intensities, all measured on drawn pictures.

    Attributes:
        intensities: (N,) asked, from 0. rows: (R,) frames.
        measured: (R, 7, N) intensity as the meter reads it. lips: (R, 7, N, 20, 2) mm, as the reader sees
            them.
        faded: (R, 7, N) what the meter reads from a plain cross-fade of the pictures at the first and the
            last intensity.
    """

    intensities: np.ndarray
    rows: np.ndarray
    measured: np.ndarray
    lips: np.ndarray
    faded: np.ndarray

    @property
    def monotone_fraction(self) -> float:
        r"""Share of the steps up in intensity after which the meter reads more."""
        return float(self.rising.mean())

    @property
    def rising(self) -> np.ndarray:
        r"""(R, 7, N − 1): whether the meter reads more after a step up in intensity."""
        return np.diff(self.measured, axis=-1) > 0

    @property
    def curve(self) -> np.ndarray:
        r"""(7, N): measured intensity, mean over frames."""
        return self.measured.mean(0)

    @property
    def worst_deviation(self) -> float:
        r"""Largest distance of a mean curve from the asked intensity."""
        return float(np.abs(self.curve - self.intensities).max())

    @property
    def _shift(self) -> np.ndarray:
        """(R, 7, N, 20, 2): from where the lips are at intensity 0."""
        return self.lips - self.lips[:, :, :1]

    @property
    def lip_shift_mm(self) -> np.ndarray:
        r"""(7, N): distance of the lips from where they are at intensity 0, mean over landmarks, frames."""
        return np.linalg.norm(self._shift, axis=-1).mean((0, 3))

    @property
    def speech_residual_mm(self) -> np.ndarray:
        r"""(7, N): how much of that shift is not the same in all frames, mm.

        An expression that holds the lips in another place, where they go on speaking, has none: only its mean
        shift is taken off. One that stops the speech has as much as the speech moves the lips.
        """
        return np.linalg.norm(self._shift - self._shift.mean(0), axis=-1).mean((0, 3))


@torch.no_grad()
def sweep_intensity(
    generator: Generator, data: GeneratorData, rows: np.ndarray, meter: IntensityMeter, reader: LipReader,
    intensities: tuple[float, ...] = INTENSITIES,
) -> Sweep:  # fmt: skip
    r"""Draws and measures; the CIEC is all that changes within a row.

    Args:
        rows: frames of data whose background and geometry are kept, neutral ones say.
        intensities: asked, ascending from 0.

    Raises:
        ValueError: intensities that do not start at 0.
    """
    if intensities[0] != 0:
        raise ValueError(f"a sweep starts at intensity 0, got {intensities[0]:g}")
    found: dict[str, list] = {name: [] for name in ("measured", "lips", "faded")}
    share = torch.tensor(intensities)[:, None, None, None] / intensities[-1]
    for row in rows:
        frame = data.batch([row]).frame
        pose = FoldedPose(generator, frame)
        for name in CIEC_TYPES:
            pictures = pose(encode(name, torch.tensor(intensities))).image  # (N, 3, S, S)
            found["measured"].append(meter(_texels(pictures, frame, meter), name))
            mixed = torch.lerp(pictures[:1], pictures[-1:], share)
            found["faded"].append(meter(_texels(mixed, frame, meter), name))
            found["lips"].append(reader(pictures, frame.mouth_box))
    arrays = {name: np.stack(values) for name, values in found.items()}
    shaped = {name: a.reshape(len(rows), len(CIEC_TYPES), *a.shape[1:]) for name, a in arrays.items()}
    return Sweep(np.array(intensities), np.asarray(rows), **shaped)


def _texels(pictures: torch.Tensor, frame, meter: IntensityMeter) -> np.ndarray:
    return face_texels(pictures, frame.repeat(len(pictures)), meter.typical.shape[-1])
