r"""How strong does an expression look? A regressor from pictures to intensities, fitted on filmed frames."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from torch import Tensor

from dnt_core.atomic_write import atomic_path
from dnt_core.ciec import CIEC_TYPES, expression_named
from dnt_core.networks.generator import FrameInputs

if TYPE_CHECKING:
    from dnt_core.training.generator_data import GeneratorData

TEXELS = 24
STRENGTHS = 10.0 ** np.arange(0, 7)  # of the ridge; the best is chosen by leaving frames out
_ARRAYS = ("typical", "weights", "intensities")
_KIND = "intensity meter"


@torch.no_grad()
def face_texels(pictures: Tensor, frame: FrameInputs, texels: int = TEXELS) -> np.ndarray:
    r"""Takes the face off pictures: the mean colour that lands on each texel.

    Head pose falls away, and with the mean and spread of a face's colours most of its light.

    Args:
        pictures: (B, 3, H, W) RGB in [0, 1]. frame: where the texture lies on them.
        texels: t, texels along a side.

    Returns:
        (B, 3, t, t) float32, each face of mean 0 and variance 1; NaN where no pixel lands.
    """
    column, row = ((frame.uv_map * texels).long().clamp(0, texels - 1)).unbind(1)  # (B, H, W)
    place = (row * texels + column).flatten(1)  # (B, H·W)
    shown = frame.mask.flatten(2)  # (B, 1, H·W)
    total = pictures.new_zeros(len(pictures), 4, texels * texels)
    values = torch.cat([pictures.flatten(2) * shown, shown], 1)
    total.scatter_add_(2, place[:, None].expand(-1, 4, -1), values)
    count = total[:, 3:]
    found = torch.where(count > 0, total[:, :3] / count.clamp(min=1), torch.nan)
    flat = found.flatten(1)
    middle = flat.nanmean(1, keepdim=True)
    spread = (flat - middle).square().nanmean(1, keepdim=True).sqrt().clamp(min=1e-6)
    return ((flat - middle) / spread).unflatten(1, (3, texels, texels)).float().cpu().numpy()


@dataclass(frozen=True)
class IntensityMeter:
    r"""For every expression a linear regression from a face's texels to its intensity.

    It is told which expression to look for, as an observer who orders four clips of a smile is.

    Attributes:
        expressions: the names it knows.
        typical: (3, t, t), the mean face; NaN where no face was ever seen.
        weights: (E, 3, t, t), one picture an expression; 0 where no face was ever seen.
        intensities: (E,), of the typical face.
    """

    expressions: tuple[str, ...]
    typical: np.ndarray
    weights: np.ndarray
    intensities: np.ndarray

    @classmethod
    def fit(
        cls, texels: np.ndarray, expressions: Sequence[str], intensities: Sequence[float]
    ) -> IntensityMeter:
        r"""Fits to filmed faces labelled with MEAD's levels; neutral ones have intensity 0 of everything.

        Args:
            texels: (N, 3, t, t) from :func:`face_texels`.
            expressions: (N,) names. intensities: (N,) in [0, 1], 0 for neutral.

        Raises:
            ValueError: unequally many of each, an unknown expression, one without two intensities.
        """
        from sklearn.linear_model import RidgeCV

        names = np.array([expression_named(name) for name in expressions])
        wanted = np.asarray(intensities, float)
        if not len(texels) == len(names) == len(wanted):
            raise ValueError(
                f"{len(texels)} faces, {len(names)} expressions and {len(wanted)} intensities; expected "
                "equally many"
            )
        known = tuple(name for name in CIEC_TYPES if name in names)
        seen = ~np.isnan(texels).all(0)  # (3, t, t), texels that some face shows
        typical = np.full(seen.shape, np.nan)
        typical[seen] = np.nanmean(texels[:, seen], 0)
        inputs = np.nan_to_num(texels - typical)[:, seen]
        weights, at_typical = np.zeros((len(known), *seen.shape)), np.empty(len(known))
        for e, name in enumerate(known):
            rows = (names == "neutral") | (names == name)
            if len(set(wanted[rows].tolist())) < 2:
                raise ValueError(f"{name} has a single intensity; expected two to tell them apart")
            ridge = RidgeCV(STRENGTHS).fit(inputs[rows], wanted[rows])
            weights[e, seen], at_typical[e] = ridge.coef_, ridge.intercept_
        return cls(known, typical, weights, at_typical)

    def __call__(self, texels: np.ndarray, expressions: Sequence[str] | str) -> np.ndarray:
        r"""(N, 3, t, t) and the expression to look for in each, or in all → (N,) intensities.

        Not clipped: a face may look stronger than any that was filmed.

        Raises:
            ValueError: an expression the meter was not fitted on, faces of another number of texels.
        """
        names = [expressions] * len(texels) if isinstance(expressions, str) else list(expressions)
        unknown = set(names) - set(self.expressions)
        if unknown:
            raise ValueError(f"the meter knows {', '.join(self.expressions)}; got {sorted(unknown)[0]!r}")
        if texels.shape[1:] != self.typical.shape:
            raise ValueError(f"faces of {texels.shape[1:]} texels; the meter knows {self.typical.shape}")
        which = [self.expressions.index(name) for name in names]
        return self.intensities[which] + (np.nan_to_num(texels - self.typical) * self.weights[which]).sum(
            (1, 2, 3)
        )

    def save(self, path: str | os.PathLike, notes: dict[str, Any] | None = None) -> None:
        r"""Writes the meter and how it was made."""
        arrays = {name: np.ascontiguousarray(getattr(self, name), np.float32) for name in _ARRAYS}
        texts = {"kind": _KIND, "expressions": ",".join(self.expressions), "notes": json.dumps(notes or {})}
        with atomic_path(Path(path)) as part:
            save_file(arrays, part, texts)

    @classmethod
    def load(cls, path: str | os.PathLike) -> IntensityMeter:
        r"""Reads what :meth:`save` wrote.

        Raises:
            FileNotFoundError: there is no such file. ValueError: it holds no meter.
        """
        if not Path(path).is_file():
            raise FileNotFoundError(
                f"{path} is not there; expected an intensity meter, as IntensityMeter.save writes it"
            )
        try:
            with safe_open(path, framework="np") as file:
                if (file.metadata() or {}).get("kind") != _KIND:
                    raise ValueError(f"{path} holds no intensity meter")
                names = tuple(file.metadata()["expressions"].split(","))
                return cls(names, *(file.get_tensor(name).astype(float) for name in _ARRAYS))
        except SafetensorError as error:
            raise ValueError(f"{path} holds no intensity meter ({error})") from error


def texels_of(
    data: GeneratorData, rows: np.ndarray, texels: int = TEXELS, batch_size: int = 16
) -> np.ndarray:
    r"""(N, 3, t, t): the filmed faces of some rows."""
    parts = (data.batch(rows[i : i + batch_size]) for i in range(0, len(rows), batch_size))
    return np.concatenate([face_texels(part.target, part.frame, texels) for part in parts])


def labels_of(data: GeneratorData, rows: np.ndarray) -> tuple[list[str], np.ndarray]:
    r"""Expression and intensity of the rows' clips."""
    clips = [data.clips[clip] for clip in data.rows[rows, 0]]
    return [clip.expression for clip in clips], np.array([clip.intensity for clip in clips])


def fit_meter(data: GeneratorData, rows: np.ndarray, texels: int = TEXELS) -> IntensityMeter:
    r"""A meter from some rows' filmed frames and the levels of their clips."""
    return IntensityMeter.fit(texels_of(data, rows, texels), *labels_of(data, rows))


def meter_error(meter: IntensityMeter, data: GeneratorData, rows: np.ndarray) -> dict[str, float]:
    r"""How far the meter is off on filmed frames, neutral ones left out: mean absolute error, that of saying
    the mean intensity of all, and the correlation of read and true intensities."""
    expressions, true = labels_of(data, rows)
    shows = np.array([name != "neutral" for name in expressions])
    rows, true = rows[shows], true[shows]
    read = meter(texels_of(data, rows, meter.typical.shape[-1]), labels_of(data, rows)[0])
    return {
        "error": float(np.abs(read - true).mean()),
        "error_of_mean": float(np.abs(true - true.mean()).mean()),
        "correlation": float(np.corrcoef(read, true)[0, 1]),
    }
