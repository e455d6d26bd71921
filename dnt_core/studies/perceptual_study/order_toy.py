r"""A toy for one reader: some pictures to drag into order, and what follows from the order, said at once.

Unlike the study's page (``collecting``) it keeps no answer and hides nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from dnt_core.serving.page_parts import joined

_HERE = Path(__file__).parent
_PAGE = _HERE / "collecting" / "page"
_CSS = """
.dnt-study.order-toy { max-width: 48rem; padding: .5rem; }
.dnt-study.order-toy img { display: block; width: 100%; aspect-ratio: 1; pointer-events: none; }
.dnt-study.order-toy .said { white-space: pre; overflow-x: auto; font: 14px/1.5 ui-monospace, monospace; }
"""


@cache
def _script() -> str:
    return joined("element.js", _PAGE / "requests.js", _PAGE / "cards.js", _HERE / "order_toy.js")


class OrderToy(anywidget.AnyWidget):
    r"""Pictures in a row, weakest left: dragged by mouse or finger, moved by arrow keys or buttons.

    Without a front end ``order`` is the order given, and can be set. Without a kernel (GitHub, nbviewer, a
    book) the cell shows the pictures in that order as a still.

    Args:
        pictures: of one size, as ``dnt_core.plotting.to_display`` takes them; the first is called A.
        tell: called with the order, a tuple of picture numbers from 0, weakest first; returns the text shown
            below the pictures.
        order: the first order; default: as the pictures come.

    Raises:
        ValueError: fewer than two pictures; also later, for an ``order`` that is no permutation of them.
    """

    _esm = _script()
    _css = (_PAGE / "study.css").read_text(encoding="utf-8") + _CSS
    pictures = traitlets.List(traitlets.Unicode()).tag(sync=True)
    order = traitlets.List(traitlets.Int()).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        pictures: Sequence[Any],
        tell: Callable[[tuple[int, ...]], str] = lambda order: "",
        order: Sequence[int] | None = None,
    ) -> None:
        from dnt_core.plotting import png, to_display

        if len(pictures) < 2:
            raise ValueError(f"there is nothing to order in {len(pictures)} picture(s); expected two or more")
        self._shown, self._tell = [to_display(picture) for picture in pictures], tell
        files = [base64.b64encode(png(picture)).decode("ascii") for picture in pictures]
        first = list(range(len(pictures)) if order is None else order)
        super().__init__(pictures=[f"data:image/png;base64,{file}" for file in files], order=first)
        self._speak()
        self.observe(self._speak, names="order")

    @traitlets.validate("order")
    def _check(self, proposal: Any) -> list[int]:
        order = list(proposal["value"])
        if sorted(order) != list(range(len(self._shown))):
            raise ValueError(f"the order {order} is no permutation of 0 … {len(self._shown) - 1}")
        return order

    def _speak(self, change: Any = None) -> None:
        self.said = self._tell(tuple(self.order))

    def _repr_mimebundle_(self, **options: Any) -> Any:
        from dnt_core.plotting import png
        from dnt_core.plotting.captions import with_still

        row = np.concatenate([self._shown[i][..., :3] for i in self.order], axis=1)
        still = png(_written_below(row, ["ABCDEFGHIJ"[i : i + 1] for i in self.order], self.said))
        plain = f"pictures to put in order\n{self.said}"
        return with_still(super()._repr_mimebundle_(**options), plain, still)


def _written_below(row: np.ndarray, names: Sequence[str], said: str) -> np.ndarray:
    r"""A row of pictures (H, W, 3) uint8 with a name under each and a text under all."""
    from matplotlib.font_manager import findfont
    from PIL import Image, ImageDraw, ImageFont

    font, step = ImageFont.truetype(findfont("DejaVu Sans Mono"), 12), 16
    lines = said.splitlines()
    page = Image.new("RGB", (row.shape[1], row.shape[0] + step * (len(lines) + 1) + 6), "white")
    page.paste(Image.fromarray(np.ascontiguousarray(row, np.uint8)), (0, 0))
    pen, width = ImageDraw.Draw(page), row.shape[1] / len(names)
    for k, name in enumerate(names):
        pen.text(((k + 0.5) * width, row.shape[0] + 2), name, "black", font, anchor="ma")
    for k, line in enumerate(lines, 1):
        pen.text((4, row.shape[0] + 2 + step * k), line, "black", font)
    return np.asarray(page)
