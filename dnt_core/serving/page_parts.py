r"""Scripts and styles of pages, each one idea in a file, joined into one module as the browser gets it."""

from __future__ import annotations

from pathlib import Path

PARTS = Path(__file__).parent / "page"  # what several pages are made of


def joined(*files: str | Path) -> str:
    r"""Texts one after the other; a name without a folder is one of :data:`PARTS`."""
    return "\n".join((PARTS / path).read_text(encoding="utf-8") for path in files)
