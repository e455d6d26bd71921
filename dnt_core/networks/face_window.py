r"""The face's rectangle: the generator computes nothing where eq. 1 only copies the background."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

STEP = 16  # windows are whole multiples of so many pixels, so that the U-Net's levels divide evenly


class FaceWindow(NamedTuple):
    r"""Rectangles of one size, one for each picture of a batch.

    Attributes:
        corners: (B, 2) integer, row and column of the first pixel, on the CPU.
        size: (h, w) px. image_size: (H, W) px.
    """

    corners: Tensor
    size: tuple[int, int]
    image_size: tuple[int, int]

    @property
    def whole(self) -> bool:
        r"""True where the rectangle is the picture."""
        return self.size == self.image_size

    def cut(self, image: Tensor) -> Tensor:
        r"""(B, C, H, W) → (B, C, h, w); pictures of one place may be a batch of any size."""
        if self.whole:
            return image
        (height, width), places = self.size, self._places(len(image))
        parts = [x[:, r : r + height, c : c + width] for x, (r, c) in zip(image, places, strict=True)]
        return torch.stack(parts)

    def paste(self, patch: Tensor, onto: Tensor | None = None) -> Tensor:
        r"""(B, C, h, w) in its place on ``onto`` (B, C, H, W), or on zeros: the inverse of :meth:`cut`."""
        if self.whole:
            return patch
        (height, width), (rows, columns) = self.size, self.image_size
        padded = []
        for x, (r, c) in zip(patch, self._places(len(patch)), strict=True):
            edges = (c, columns - width - c, r, rows - height - r)
            padded.append(torch.nn.functional.pad(x, edges))
        pasted = torch.stack(padded)
        if onto is None:
            return pasted
        inside = self.paste(torch.ones_like(patch[:, :1]))
        return torch.where(inside > 0, pasted, onto)

    def shift_box(self, box: Tensor) -> Tensor:
        r"""Boxes (B, 4), left, top, right, bottom in px of the picture → px of the rectangle."""
        if self.whole:
            return box
        corner = self.corners.flip(-1).to(box)  # column, row
        return box - torch.cat([corner, corner], dim=-1)

    def _places(self, batch: int) -> list[list[int]]:
        places = self.corners.tolist()
        return places * batch if len(places) == 1 else places


def face_window(hole: Tensor, share: tuple[float, float]) -> FaceWindow:
    r"""Puts the middle of a rectangle on the middle of each hole, without leaving the picture.

    Args:
        hole: (B, 1, H, W), not 0 where the picture is to be drawn.
        share: of the picture's height and width. A hole that does not fit makes the whole batch's rectangles
            larger: never is a part of a face left out.
    """
    size = tuple(hole.shape[-2:])
    box = torch.zeros(len(hole), 4, dtype=torch.long) if min(share) >= 1 else hole_box(hole).cpu()
    return window_around(box, share, size)


def window_around(box: Tensor, share: tuple[float, float], image_size: tuple[int, int]) -> FaceWindow:
    r"""The same for holes whose boxes are known: (B, 4) integer of :func:`hole_box`, on the CPU."""
    if min(share) >= 1 or not len(box):
        return FaceWindow(torch.zeros(len(box), 2, dtype=torch.long), image_size, image_size)
    first, last = box[:, :2], box[:, 2:]
    need = (last - first + 1).amax(0).tolist()
    size = tuple(
        min(full, STEP * math.ceil(max(part * full, least) / STEP))
        for full, part, least in zip(image_size, share, need, strict=True)
    )
    corners = (first + last + 1 - torch.tensor(size, device=box.device)) // 2
    room = [full - side for full, side in zip(image_size, size, strict=True)]
    limit = torch.tensor(room, device=box.device)
    return FaceWindow(corners.clamp(min=0).minimum(limit), size, image_size)


def hole_box(hole: Tensor) -> Tensor:
    r"""(B, 1, H, W) → (B, 4) integer: first row and column that are not 0, last row and column."""
    drawn = hole[:, 0] > 0
    spans = [_span(drawn.any(dim)) for dim in (2, 1)]  # of rows, of columns
    return torch.stack([side[end] for end in (0, 1) for side in spans], dim=-1)


def _span(occupied: Tensor) -> tuple[Tensor, Tensor]:
    """(B, n) of truth → the first and the last true place, (B,); the whole of an empty row's middle."""
    n = occupied.shape[-1]
    places = torch.arange(n, device=occupied.device)
    first = torch.where(occupied, places, n).amin(-1)
    last = torch.where(occupied, places, -1).amax(-1)
    empty = last < 0
    return first.masked_fill(empty, n // 2), last.masked_fill(empty, n // 2)
