r"""The committed notebooks show the outputs of one whole run: none was changed after it."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from dnt_core.workbook.notebook_lint import cells_not_run, read_notebook

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_every_code_cell_was_run(path):
    missing = cells_not_run(read_notebook(path))
    assert not missing, f"run it and `dnt notebooks publish` it: cells {missing} have no stored outputs"


def test_cells_that_were_not_run_are_named(tmp_path):
    cells = [
        new_markdown_cell("words"), new_code_cell("# your turn"), new_code_cell("%matplotlib inline\nx = 1"),
        new_code_cell("x", execution_count=1),
    ]  # fmt: skip
    nbformat.write(new_notebook(cells=cells), tmp_path / "a.ipynb")
    assert cells_not_run(read_notebook(tmp_path / "a.ipynb")) == [3]
