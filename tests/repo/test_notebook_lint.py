import pytest
from nbformat.v4 import new_code_cell, new_output

from dnt_core.workbook.notebook_lint import WIDGET, notebook_problems, tidy_notebook
from dnt_core.workbook.notebook_pairs import write_notebook
from tests.repo.tiny_notebooks import build, read


def test_a_clean_notebook_has_no_problems(tmp_path):
    assert (
        notebook_problems(build(tmp_path / "01_tiny.ipynb", "# Hello", "ratio = 3 / work", "s = 'a/tmp b'"))
        == []
    )


def test_noise_goes_and_outputs_stay(tmp_path):
    path = build(tmp_path / "01_tiny.ipynb", "1 + 1")
    nb = read(path)
    nb.metadata.update(
        {
            "widgets": {"state": 1},
            "papermill": {"duration": 3},
            "colab": {"provenance": []},
            "language_info": {"name": "python", "version": "3.11.7"},
        }
    )
    nb.cells.insert(
        2, new_code_cell("profile = 'quick'", metadata={"tags": ["injected-parameters"]}, execution_count=2)
    )
    cell = nb.cells[-1]
    cell.metadata.update(
        {"papermill": {"duration": 1}, "execution": {"shell.execute_reply": "now"}, "scrolled": True}
    )
    cell.metadata.update({"id": "x1", "outputId": "12", "colab": {"height": 300}, "_uuid": "a", "vscode": {}})
    cell.execution_count = 9
    cell.outputs = [new_output("execute_result", {"text/plain": "2"}, execution_count=9)]
    nb.cells[1].execution_count = 1
    write_notebook(path, nb)
    assert any("metadata noise" in p for p in notebook_problems(path))
    tidy_notebook(nb)
    write_notebook(path, nb)
    assert notebook_problems(path) == [] and len(nb.cells) == 3
    assert nb.cells[-1].outputs[0].data["text/plain"] == "2" and nb.cells[-1].execution_count == 2
    assert nb.metadata.keys() == {"kernelspec", "language_info"} and nb.cells[-1].metadata == {}


def test_of_a_widget_its_still_stays_and_its_id_goes(tmp_path):
    r"""With an id that no kernel knows, JupyterLab shows "model not found" in the still's place."""
    path = build(tmp_path / "01_tiny.ipynb", "1")
    nb = read(path)
    kept = [
        {"image/png": "aGk=", "text/plain": "a face"},
        {"text/html": "<p>why</p>"},
        {"text/plain": "VBox()"},
    ]
    bar = {"text/plain": "fit:   0%|          | 0/310k [00:00<?, ?image/s]"}
    shown = [{WIDGET: {"model_id": "1"}, **data} for data in (*kept, bar, {})]
    nb.cells[-1].outputs = [new_output("display_data", data) for data in shown]
    write_notebook(path, nb)
    assert any("metadata noise" in p for p in notebook_problems(path))
    tidy_notebook(nb)
    assert [o.data for o in nb.cells[-1].outputs] == kept


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("\n".join(f"x{i} = {i}" for i in range(26)), "has 26 lines"),
        ("!pip install torch", "installs or downloads"),
        ("%conda install torch", "installs or downloads"),
        ("open('/home/me/clip.mp4')", "absolute path"),
        ("from pathlib import Path\nPath(r'C:\\Users\\me')", "absolute path"),
        ("@interact(x=3)\ndef f(x): ...", "hangs papermill"),
        ("with widgets.Output():\n    pass", "hangs papermill"),
    ],
)
def test_bad_cells_are_found(tmp_path, source, problem):
    found = notebook_problems(build(tmp_path / "01_tiny.ipynb", source))
    assert len(found) == 1 and problem in found[0] and found[0].startswith("01_tiny.ipynb: cell 3 ")


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ("steps = 2 * 3", "`steps = 2 * 3` is not name = literal"),
        ("import os", "`import os` is not name = literal"),
        ("x = -1\ny = [1, None]\nz = open('f')", "`z = open"),
    ],
)
def test_parameters_are_literals(tmp_path, parameters, problem):
    found = notebook_problems(build(tmp_path / "01_tiny.ipynb", parameters=parameters))
    assert len(found) == 1 and problem in found[0]


def test_stored_errors_and_leaking_outputs_are_found(tmp_path):
    path = build(tmp_path / "01_tiny.ipynb", "1 / 0", "print(1)", "fig")
    nb = read(path)
    nb.cells[2].outputs = [new_output("error", ename="ZeroDivisionError", evalue="", traceback=[])]
    nb.cells[3].outputs = [new_output("stream", text="saved to /work/main/x.png")]
    nb.cells[4].outputs = [
        new_output(
            "display_data",
            {
                "image/png": "AA/tmp/xx",
                "text/plain": "<Figure>",
                "text/html": "<img src='data:image/png;base64,A+/tmp/B'>",
            },
        )
    ]
    write_notebook(path, nb)
    assert [p.split(": ")[1][:6] for p in notebook_problems(path)] == ["cell 3", "cell 4"]


def test_no_parameters_cell(tmp_path):
    path = build(tmp_path / "01_tiny.ipynb")
    nb = read(path)
    nb.cells[1].metadata = {}
    write_notebook(path, nb)
    assert "0 cells tagged `parameters`" in notebook_problems(path)[0]
