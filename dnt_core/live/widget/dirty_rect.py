r"""Of a picture only the rectangle that changed is sent: while a slider moves, all around the face stays."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

PAGES = 4  # whose pictures are remembered: views of one widget

Box = tuple[int, int, int, int]  # left, top, width, height in px


class ShownPictures:
    r"""What was sent to each page last, so that the next pictures can be told as differences from it.

    Args:
        pages: how many are remembered.
    """

    def __init__(self, pages: int = PAGES) -> None:
        self._pages = pages
        self._sent: OrderedDict[str, tuple[str, list[np.ndarray]]] = OrderedDict()

    def parts(
        self, page: str, answer: str, pictures: Sequence[np.ndarray], whole: bool = False
    ) -> tuple[str | None, list[tuple[Box, bytes]]]:
        r"""The changed rectangle of each picture (H, W, 3) uint8, and its pixels row by row.

        Args:
            page: who asks. answer: name of this answer. whole: send whole pictures.

        Returns:
            The name of the answer that the parts differ from, which a page must have painted to use them, and
            the parts; None with whole pictures.
        """
        since, before = self._sent.pop(page, (None, []))
        if whole:
            since, before = None, []
        self._sent[page] = answer, list(pictures)
        while len(self._sent) > self._pages:
            self._sent.popitem(last=False)
        olds = [*before, *[None] * len(pictures)]
        return since, [_part(old, new) for old, new in zip(olds, pictures, strict=False)]


def changed_box(old: np.ndarray | None, new: np.ndarray) -> Box:
    r"""The smallest rectangle outside which two pictures are equal; all of it where there is no old one."""
    height, width = new.shape[:2]
    if old is None or old.shape != new.shape:
        return 0, 0, width, height
    differs = (old != new).reshape(height, -1)
    rows = np.flatnonzero(differs.any(1))
    if not len(rows):
        return 0, 0, 0, 0
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    once = differs[top:bottom].any(0)  # row upon row: ten times as fast as with the colours' axis
    columns = np.flatnonzero(once.reshape(width, -1).any(1))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return left, top, right - left, bottom - top


def _part(old: np.ndarray | None, new: np.ndarray) -> tuple[Box, bytes]:
    left, top, width, height = box = changed_box(old, new)
    return box, new[top : top + height, left : left + width].tobytes()
