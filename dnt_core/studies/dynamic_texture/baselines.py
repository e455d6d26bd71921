r"""What a generator must beat: copied frames, their blends, colours of each expression without a network."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from dnt_core.ciec import LEVEL_INTENSITY, C
from dnt_core.metrics.image_metrics import Predict
from dnt_core.networks.generator import FrameInputs, Generator
from dnt_core.rendering.uv_map import sample_texture
from dnt_core.training.generator_data import Batch, GeneratorData

KNOTS = (0.0, *LEVEL_INTENSITY.values())  # what is filmed, neutral first


def neighbours(ciec: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    r"""The filmed intensities around each CIEC (B, 7).

    Returns:
        CIECs of the lower and of the upper neighbour (B, 7) twice, and the upper's share (B,), such that
        (1 − share) · lower + share · upper is the CIEC itself.
    """
    knots = ciec.new_tensor(KNOTS)
    value, which = ciec.max(1)
    place = torch.bucketize(value - 1e-6, knots).clamp(1, len(knots) - 1)
    low, high = knots[place - 1], knots[place]
    share = ((value - low) / (high - low)).clamp(0, 1)
    types = torch.nn.functional.one_hot(which, C).to(ciec)
    return types * low[:, None], types * high[:, None], share


class NearestMouth:
    r"""The known frame whose mouth is most alike, moved so that the mouths lie upon each other.

    Alike are mouths of the same width and height, those of the geometry's mouth box: where in the picture
    they lie does not count.

    Args:
        data, rows: the frames to choose from. cell: (7,) CIEC; only frames with this one.

    Raises:
        ValueError: no frame of the cell among the rows.
    """

    def __init__(self, data: GeneratorData, rows: np.ndarray, cell: Tensor | None = None) -> None:
        if cell is not None:
            same = [np.allclose(clip.ciec, cell.numpy(), atol=1e-5) for clip in data.clips]
            clips = np.flatnonzero(same)
            rows = rows[np.isin(data.rows[rows, 0], clips)]
        if not len(rows):
            raise ValueError("there is no frame of this expression to copy from")
        self.data, self.rows = data, rows

    @cached_property
    def _known(self) -> tuple[Tensor, Tensor]:
        batches = [self.data.batch([row]) for row in self.rows]
        return torch.cat([b.target for b in batches]), torch.cat([b.frame.mouth_box for b in batches])

    def pictures(self, frame: FrameInputs) -> Tensor:
        r"""(B, 3, S, S): whole copied frames, moved by whole pixels."""
        frames, boxes = self._known
        nearest = torch.cdist(_extent(frame.mouth_box), _extent(boxes)).argmin(1)
        shift = (_middle(frame.mouth_box) - _middle(boxes[nearest])).round().long()
        moved = [
            torch.roll(frames[n], (int(row), int(column)), (-2, -1))
            for n, (column, row) in zip(nearest.tolist(), shift, strict=True)
        ]
        return torch.stack(moved)

    def __call__(self, batch: Batch) -> Tensor:
        r"""The copied face in the hole of the true background."""
        return into_hole(self.pictures(batch.frame), batch.frame)


def into_hole(picture: Tensor, frame: FrameInputs) -> Tensor:
    r"""(B, 3, S, S) inside the hole, the true background around it."""
    return torch.where(frame.hole > 0, picture, frame.background)


def _middle(box: Tensor) -> Tensor:
    return (box[..., :2] + box[..., 2:]) / 2


def _extent(box: Tensor) -> Tensor:
    return box[..., 2:] - box[..., :2]


def mean_picture(data: GeneratorData, rows: np.ndarray) -> Predict:
    r"""The mean of some rows' frames, whatever is asked for."""
    mean = data.mean_frame(rows)
    return lambda batch: mean.expand(len(batch.ciec), -1, -1, -1)


class FilmedBlend:
    r"""Filmed frames of the two filmed levels around the wanted one, cross-faded: no network at all.

    Args:
        data, rows: the frames to choose from, of all levels.
    """

    def __init__(self, data: GeneratorData, rows: np.ndarray) -> None:
        self.data, self.rows = data, rows
        self._of_cell: dict[tuple, NearestMouth] = {}

    def _copy(self, ciec: Tensor, frame: FrameInputs) -> Tensor:
        key = _key(ciec)
        if key not in self._of_cell:
            self._of_cell[key] = NearestMouth(self.data, self.rows, ciec)
        return self._of_cell[key].pictures(frame)[0]

    def __call__(self, batch: Batch) -> Tensor:
        r"""(B, 3, S, S), in the hole of the true background."""
        low, high, share = neighbours(batch.ciec)
        made = []
        for b, mix in enumerate(share.tolist()):
            frame = batch.frame.each(lambda t, b=b: t[b : b + 1])
            below = self._copy(low[b], frame) if mix < 1 else 0.0
            made.append((1 - mix) * below + (mix * self._copy(high[b], frame) if mix > 0 else 0.0))
        return into_hole(torch.stack(made), batch.frame)


class ColorSet:
    r"""The naive set of textures: for every filmed cell the mean colours of its unwrapped frames.

    No network: the texture is put onto the face, the mouth comes from the copied neutral frame.

    Args:
        data: its clips must hold every cell. clips: those to average over.
        neutral: what fills the mouth. blend: mix the two neighbouring levels; else the nearest one.
    """

    def __init__(
        self, data: GeneratorData, clips: Sequence[int], neutral: NearestMouth, blend: bool = True
    ) -> None:
        self.neutral, self.blend = neutral, blend
        cells: dict[tuple, list[int]] = {}
        for clip in clips:
            cells.setdefault(_key(data.clips[clip].ciec), []).append(clip)
        self.textures = {key: data.mean_texture(members) for key, members in cells.items()}

    def texture(self, ciec: Tensor) -> Tensor:
        r"""CIEC (7,) → (3, T, T) RGB."""
        low, high, share = (t[0] for t in neighbours(ciec[None]))
        mix = float(share) if self.blend else float(share > 0.5)
        below = self.textures[_key(low)] if mix < 1 else 0.0
        return (1 - mix) * below + (mix * self.textures[_key(high)] if mix > 0 else 0.0)

    def __call__(self, batch: Batch) -> Tensor:
        r"""(B, 3, S, S), in the hole of the true background."""
        frame = batch.frame
        colors = sample_texture(torch.stack([self.texture(c) for c in batch.ciec]), frame.uv_map, frame.mask)
        return into_hole(torch.where(frame.mask > 0, colors, self.neutral.pictures(frame)), frame)


def _key(ciec) -> tuple:
    return tuple(round(float(x), 2) for x in ciec)


def blended_frames(generator: Generator) -> Predict:
    r"""The generator's own frames at the neighbouring filmed levels, cross-faded."""

    def predict(batch: Batch) -> Tensor:
        low, high, share = neighbours(batch.ciec)
        mix = share[:, None, None, None]
        return (1 - mix) * generator(batch.frame, low).image + mix * generator(batch.frame, high).image

    return predict


def blended_textures(generator: Generator) -> Predict:
    r"""The generator with its textures at the filmed levels blended linearly in between.

    A texture is linear in its weights, so the weights are blended. The teeth are told the CIEC as ever.
    """
    blended = copy.deepcopy(generator)
    weights = generator.texture.weights

    def between(ciec: Tensor) -> Tensor:
        low, high, share = neighbours(ciec)
        return (1 - share[:, None]) * weights(low) + share[:, None] * weights(high)

    blended.texture.weights = between
    return lambda batch: blended(batch.frame, batch.ciec).image
