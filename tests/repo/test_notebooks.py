r"""The committed notebooks are in step with their text and fit to be committed."""

import re
from pathlib import Path

import pytest

from dnt_core.workbook.notebook_lint import notebook_problems
from dnt_core.workbook.notebook_pairs import pair_problems

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(
    {p.with_suffix(".ipynb") for kind in ("ipynb", "py") for p in FOLDER.glob(f"[0-9][0-9]_*.{kind}")}
)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[p.stem for p in NOTEBOOKS])
def test_in_step_with_its_text(path):
    assert pair_problems(path) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[p.stem for p in NOTEBOOKS])
def test_fit_to_be_committed(path):
    assert notebook_problems(path) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[p.stem for p in NOTEBOOKS])
def test_a_reader_without_a_kernel_sees_outputs(path):
    import nbformat

    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    assert any(c.outputs for c in cells)


def test_every_figure_is_one_that_is_still_made():
    made = ["talk.gif", "talk.mp4"]
    package = FOLDER.parent / "dnt_core"
    sheets = package / "workbook/contact_sheets.py"
    for path in [*FOLDER.glob("*.py"), sheets, package / "studies/dynamic_texture/lambda2_comparison.py"]:
        text = path.read_text(encoding="utf-8")
        made += [f"{name}.png" for name in re.findall(r"save_figure\(.*?\"([^\"]+)\"[,)]", text)]
        made += re.findall(r"\"([^\"]+\.png)\"", text)
    patterns = [re.sub(r"\\\{.*?\\\}", ".+", re.escape(name)) for name in made]
    stale = [
        path.name
        for path in sorted((FOLDER.parent / "figures").iterdir())
        if not any(re.fullmatch(pattern, path.name) for pattern in patterns)
    ]
    assert stale == []
