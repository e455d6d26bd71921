r"""The page's script and style as texts: one front end, in a notebook and on a page of its own."""

from __future__ import annotations

from pathlib import Path

from dnt_core.serving.page_parts import joined

_PAGE = Path(__file__).parent / "page"
_SCREENS = ("element.js", "browser_memory.js", _PAGE / "requests.js", _PAGE / "cards.js", _PAGE / "study.js")
_SERVED = ("message_bytes.js", "http_line.js", "code_form.js")

STYLE = joined(_PAGE / "study.css")


def script(*names: str) -> str:
    r"""A module: the study's screens, then the named files of ``page/``, which show them."""
    return joined(*_SCREENS, *(_PAGE / name for name in names))


def served_script() -> str:
    r"""The module of the page for observers."""
    return joined(*_SCREENS, *_SERVED, _PAGE / "own_page.js")


def lecturer_script() -> str:
    r"""The module of the page for whoever runs the study."""
    return joined("element.js", "browser_memory.js", *_SERVED, _PAGE / "lecturer.js")


def lecturer_style() -> str:
    r"""Its style."""
    return joined("page.css", _PAGE / "lecturer.css")
