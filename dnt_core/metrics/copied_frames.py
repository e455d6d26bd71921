r"""The trivial rivals of a generator: filmed frames copied, moved and cross-faded, without any network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from dnt_core.ciec import LEVEL_INTENSITY, C
from dnt_core.networks.generator import FrameInputs

if TYPE_CHECKING:
    from dnt_core.clips import Clip
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


def unfilmed_neighbours(ciec: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    r"""As :func:`neighbours`, as if the level of each filmed CIEC (B, 7) had not been filmed.

    Level 1 lies between neutral and level 2. Above level 3 there is nothing, so its only neighbour is level
    2; neutral stays itself.
    """
    knots = ciec.new_tensor(KNOTS)
    value, which = ciec.max(1)
    place = (value[:, None] - knots).abs().argmin(1)
    low = knots[(place - 1).clamp(min=0)]
    high = torch.where(place == 0, low, knots[torch.where(place + 1 < len(knots), place + 1, place - 1)])
    share = torch.where(high > low, (value - low) / (high - low).clamp(min=1e-6), 0.0)
    types = torch.nn.functional.one_hot(which, C).to(ciec)
    return types * low[:, None], types * high[:, None], share


def lacks_neighbours(clips: Sequence[Clip]) -> bool:
    r"""Whether a clip's expression was not filmed at the levels that :func:`unfilmed_neighbours` names."""
    filmed = torch.stack([torch.from_numpy(np.asarray(clip.ciec)) for clip in clips])
    wanted = torch.cat(unfilmed_neighbours(filmed)[:2])
    return bool((torch.cdist(wanted, filmed).amin(1) > 1e-5).any())


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


class FilmedBlend:
    r"""Filmed frames of the two filmed levels around the wanted one, cross-faded: no network at all.

    Args:
        data, rows: the frames to choose from, of all levels.
        own_level: False: a filmed level is blended from the levels next to it and not copied, see
            :func:`unfilmed_neighbours`.
    """

    def __init__(self, data: GeneratorData, rows: np.ndarray, own_level: bool = True) -> None:
        self.data, self.rows = data, rows
        self.neighbours = neighbours if own_level else unfilmed_neighbours
        self._of_cell: dict[tuple, NearestMouth] = {}

    def _copy(self, ciec: Tensor, frame: FrameInputs) -> Tensor:
        key = cell_key(ciec)
        if key not in self._of_cell:
            self._of_cell[key] = NearestMouth(self.data, self.rows, ciec)
        return self._of_cell[key].pictures(frame)[0]

    def __call__(self, batch: Batch) -> Tensor:
        r"""(B, 3, S, S), in the hole of the true background."""
        low, high, share = self.neighbours(batch.ciec)
        made = []
        for b, mix in enumerate(share.tolist()):
            frame = batch.frame.each(lambda t, b=b: t[b : b + 1])
            below = self._copy(low[b], frame) if mix < 1 else 0.0
            made.append((1 - mix) * below + (mix * self._copy(high[b], frame) if mix > 0 else 0.0))
        return into_hole(torch.stack(made), batch.frame)


def cell_key(ciec: Tensor | np.ndarray) -> tuple:
    r"""A CIEC as a key of a dictionary: the numbers to two places."""
    return tuple(round(float(x), 2) for x in ciec)
