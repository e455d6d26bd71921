r"""Notebooks of a few cells that the tests write themselves."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from dnt_core.workbook.notebook_pairs import sync_pair, transplant_outputs, write_notebook

PARAMETERS = 'profile = "quick"\ndata_dir = ""\nout_dir = ""'
OPEN = (
    "from dnt_core.workbook import open_notebook\n\nrun = open_notebook({name!r}, profile, data_dir, out_dir)"
)


def build(path: Path, *sources: str, parameters: str = PARAMETERS, pair: bool = False) -> Path:
    r"""Write a notebook: title, parameters, then ``sources``; one that starts with ``#`` and a blank is
    markdown.
    """
    cells = [
        new_markdown_cell(f"# {path.stem}"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
    ]
    cells += [new_markdown_cell(s) if s.startswith("# ") else new_code_cell(s) for s in sources]
    path.parent.mkdir(parents=True, exist_ok=True)
    empty = new_notebook()
    write_notebook(path, transplant_outputs(new_notebook(cells=cells), empty))
    if pair:
        sync_pair(path, "ipynb")
    return path


def read(path: Path):
    return nbformat.read(path, as_version=4)
