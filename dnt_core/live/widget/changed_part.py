r"""Of a picture only the rectangle that changed is sent: while a slider moves, all around the face stays."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

PAGES = 4  # whose pictures are remembered: views of one widget

Box = tuple[int, int, int, int]  # left, top, width, height in px


class ShownPictures:
    r"""What each page shows, so that the next pictures can be told as differences.

    A page says with every request which answer it has painted last; where that is not the one remembered, it
    gets whole pictures. So an answer that never arrived costs nothing but bytes.
    """

    def __init__(self) -> None:
        self._shown: OrderedDict[str, tuple[str, list[np.ndarray]]] = OrderedDict()

    def parts(
        self, page: str, painted: str | None, answer: str, pictures: Sequence[np.ndarray]
    ) -> list[tuple[Box, bytes]]:
        r"""The changed rectangle of each picture (H, W, 3) uint8, and its pixels row by row.

        Args:
            page: whose request it is. painted: name of the answer that the page painted last, if any.
            answer: name of this answer.
        """
        known, before = self._shown.pop(page, (None, []))
        if painted is None or known != painted:
            before = []
        self._shown[page] = answer, list(pictures)
        while len(self._shown) > PAGES:
            self._shown.popitem(last=False)
        olds = [*before, *[None] * len(pictures)]
        return [_part(old, new) for old, new in zip(olds, pictures, strict=False)]


def changed_box(old: np.ndarray | None, new: np.ndarray) -> Box:
    r"""The smallest rectangle outside which two pictures are equal; all of it where there is no old one."""
    height, width = new.shape[:2]
    if old is None or old.shape != new.shape:
        return 0, 0, width, height
    differs = old != new
    rows = np.flatnonzero(differs.reshape(height, -1).any(1))
    if not len(rows):
        return 0, 0, 0, 0
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(differs[top:bottom].any((0, 2)))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return left, top, right - left, bottom - top


def _part(old: np.ndarray | None, new: np.ndarray) -> tuple[Box, bytes]:
    left, top, width, height = box = changed_box(old, new)
    return box, new[top : top + height, left : left + width].tobytes()
