r"""What runs in the browser, for a notebook's widget and for a page without a kernel: one front end."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dnt_core.serving.page_parts import joined

_PAGE = Path(__file__).parent / "page"
_IDEAS = (  # one module
    "parts", "favicon_guard", "frame_scheduler", "path", "speaker", "pad", "timeline", "painter", "panel",
    "status_messages", "live",
)  # fmt: skip


@cache
def page_script() -> str:
    r"""An ES module whose default export has ``render({model, el})``, as anywidget wants it.

    ``model`` has ``get``, ``set``, ``on``, ``off`` and ``send``, answers a request with the event
    ``msg:custom``, and may have ``lanes()``: how many pictures are drawn at the same time.
    """
    return joined("element.js", *(_PAGE / f"{idea}.js" for idea in _IDEAS))


def page_style() -> str:
    r"""Its style sheet."""
    return (_PAGE / "live.css").read_text(encoding="utf-8")
