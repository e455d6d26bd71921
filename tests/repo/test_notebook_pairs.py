import os
import shutil
import subprocess

import pytest
from nbformat.v4 import new_markdown_cell, new_output

from dnt_core.paths import cache_folder
from dnt_core.workbook.notebook_pairs import (
    pair_problems,
    read_text_twin,
    sync_pair,
    text_of,
    transplant_outputs,
    twin,
    write_notebook,
)
from tests.repo.tiny_notebooks import build, read


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("DNT_HOME", str(tmp_path / "home"))


@pytest.fixture
def notebook(tmp_path):
    path = build(
        tmp_path / "01_tiny.ipynb", "# Text with *stars*", "%matplotlib inline\nx = 1", "x + 1", pair=True
    )
    nb = read(path)
    nb.cells[-1].outputs = [new_output("execute_result", {"text/plain": "2"}, execution_count=3)]
    nb.cells[-1].execution_count = 3
    write_notebook(path, nb)
    return path


def test_text_has_no_versions_and_reads_back(notebook):
    text = twin(notebook).read_text()
    assert text.startswith("# %%") and "jupytext" not in text and "kernelspec" not in text
    assert '# %% tags=["parameters"]' in text and "# %matplotlib inline" in text
    assert [c.source for c in read_text_twin(twin(notebook)).cells] == [
        c.source for c in read(notebook).cells
    ]
    assert text_of(read(notebook)) == text


def test_in_step_until_either_changes(notebook):
    assert pair_problems(notebook) == []
    assert sync_pair(notebook, "py") is None and sync_pair(notebook, "ipynb") is None
    twin(notebook).write_text(twin(notebook).read_text().replace("x = 1", "x = 5"))
    assert "differ from cell 4 on" in pair_problems(notebook)[0]


def test_edited_text_reaches_the_notebook_and_outputs_stay(notebook):
    ids = [c.id for c in read(notebook).cells]
    edited = twin(notebook).read_text().replace("x = 1", "x = 5") + "\n# %%\nprint('new')\n"
    twin(notebook).write_text(edited)
    assert sync_pair(notebook, "py") == "ipynb" and pair_problems(notebook) == []
    after = read(notebook)
    assert after.cells[4].outputs[0].data["text/plain"] == "2"
    assert after.cells[3].source.endswith("x = 5") and after.cells[-1].source == "print('new')"
    assert [c.id for c in after.cells][:3] == ids[:3] and len({c.id for c in after.cells}) == len(after.cells)
    assert sync_pair(notebook, "py") is None  # a second time changes nothing


def test_edited_notebook_reaches_the_text(notebook):
    nb = read(notebook)
    nb.cells[-1].source = "x + 7"
    write_notebook(notebook, nb)
    assert sync_pair(notebook, "ipynb") == "py" and "x + 7" in twin(notebook).read_text()


def test_the_newer_file_counts(notebook):
    twin(notebook).write_text(twin(notebook).read_text().replace("x + 1", "x + 9"))
    os.utime(twin(notebook), (2e9, 2e9))
    assert sync_pair(notebook) == "ipynb" and read(notebook).cells[-1].source == "x + 9"


def test_a_changed_tag_is_out_of_step(notebook):
    twin(notebook).write_text(twin(notebook).read_text().replace('tags=["parameters"]', 'tags=["knobs"]'))
    assert "differ from cell 2 on" in pair_problems(notebook)[0]


def test_one_half_missing(notebook):
    twin(notebook).unlink()
    assert "has no 01_tiny.py beside it" in pair_problems(notebook)[0]
    with pytest.raises(FileNotFoundError):
        sync_pair(notebook, "py")
    assert sync_pair(notebook) == "py" and pair_problems(notebook) == []
    notebook.unlink()
    assert "has no 01_tiny.ipynb beside it" in pair_problems(notebook)[0]
    assert sync_pair(notebook) == "ipynb" and pair_problems(notebook) == []


def test_equal_cells_keep_their_own_outputs(tmp_path):
    path = build(tmp_path / "02_twice.ipynb", "1", "1", "2")
    nb = read(path)
    for cell, value in zip(nb.cells[2:], "abc", strict=True):
        cell.outputs = [new_output("stream", text=value)]
    merged = transplant_outputs(read(path), nb)
    assert [c.outputs[0].text for c in merged.cells[2:]] == ["a", "b", "c"]
    assert len({c.id for c in merged.cells}) == 5


def test_progress_bars_are_not_stored(tmp_path):
    path = build(tmp_path / "02_bars.ipynb", "1")
    nb = read(path)
    view = "application/vnd.jupyter.widget-view+json"
    texts = {
        "fit:   0%|          | 0/310k [00:00<?, ?image/s]": view,
        "widget of 5 %": view,
        "0%| |": "text/html",
    }
    nb.cells[-1].outputs = [
        new_output("display_data", {"text/plain": text, kind: {} if kind == view else ""})
        for text, kind in texts.items()
    ]
    kept = [o.data["text/plain"] for o in transplant_outputs(read(path), nb).cells[-1].outputs]
    assert kept == ["widget of 5 %", "0%| |"]


@pytest.mark.parametrize("known", ["synced", "committed", "nothing"])
def test_an_edit_survives_a_checkout_of_the_other_file(notebook, known, capsys):
    before = twin(notebook).read_text()
    if known != "synced":
        shutil.rmtree(cache_folder() / "notebook_pairs")
    if known == "committed":
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "as it was"]):
            subprocess.run(["git", *command], cwd=notebook.parent, check=True)
    nb = read(notebook)
    nb.cells[-1].source = "x + 7  # hours of work"
    write_notebook(notebook, nb)
    edited = notebook.read_bytes()
    twin(notebook).write_text(before)  # as git checkout does: the same text, newer
    os.utime(twin(notebook), (2e9, 2e9))
    written = sync_pair(notebook)
    kept = notebook.with_name("01_tiny.ipynb.kept")
    if known == "nothing":
        assert written == "ipynb" and kept.read_bytes() == edited
        assert "the former .ipynb is kept as 01_tiny.ipynb.kept" in capsys.readouterr().out
    else:
        assert written == "py" and "hours of work" in twin(notebook).read_text() and not kept.exists()


def test_both_changed_and_nothing_is_lost(notebook, capsys):
    nb = read(notebook)
    nb.cells[-1].source = "x + 7"
    write_notebook(notebook, nb)
    twin(notebook).write_text(twin(notebook).read_text().replace("x + 1", "x + 9"))
    theirs = twin(notebook).read_text()
    os.utime(notebook, (2e9, 2e9))
    assert sync_pair(notebook) == "py" and "x + 7" in twin(notebook).read_text()
    assert twin(notebook).with_name("01_tiny.py.kept").read_text() == theirs
    assert "both files were changed" in capsys.readouterr().out
    assert sync_pair(notebook) is None and pair_problems(notebook) == []


def test_a_pair_in_step_keeps_nothing(notebook, capsys):
    for source in ("newer", "py", "ipynb"):
        assert sync_pair(notebook, source) is None
    assert not list(notebook.parent.glob("*.kept")) and capsys.readouterr().out == ""


COMMENTS = [
    "# copy the texture\nx = 1",
    "x = 1\n# mkdir is not called here",
    "# ls",
    "#cat",
    "def f():\n    # rm takes nothing away\n    return 1",
    "# %matplotlib inline is not used here\nx = 1",
    "%matplotlib inline\nimport os",
    "!ls",
    "%%time\nx = 1",
    "def f():\n    %time g()",
    '"""\n%not a command\n# copy\n"""',
]


@pytest.mark.parametrize("source", COMMENTS)
def test_a_comment_comes_back_as_a_comment_and_a_command_as_a_command(source, tmp_path):
    path = build(tmp_path / "01_tiny.ipynb", "a = 1", source, pair=True)
    assert read_text_twin(twin(path)).cells[-1].source == source
    assert pair_problems(path) == []


def test_a_comment_written_into_the_text_is_no_code(notebook):
    twin(notebook).write_text(twin(notebook).read_text() + "\n# %%\n# mkdir is not called here\ny = 2\n")
    assert sync_pair(notebook, "py") == "ipynb"
    assert read(notebook).cells[-1].source == "# mkdir is not called here\ny = 2"


def test_pictures_pasted_into_text_survive_an_edit_of_the_text(notebook):
    nb = read(notebook)
    for name, data in (("one", "AAAA"), ("two", "BBBB")):
        nb.cells.append(new_markdown_cell(f"{name}: ![image.png](attachment:my%20image.png)"))
        nb.cells[-1].attachments = {"my image.png": {"image/png": data}}
    write_notebook(notebook, nb)
    sync_pair(notebook, "ipynb")
    twin(notebook).write_text(
        twin(notebook).read_text().replace("# one: ", "# Changed: ").replace("x = 1", "x = 5")
    )
    assert sync_pair(notebook, "py") == "ipynb"
    pasted = [c.attachments["my image.png"]["image/png"] for c in read(notebook).cells if "attachments" in c]
    assert pasted == ["AAAA", "BBBB"] and read(notebook).cells[-2].source.startswith("Changed")
