r"""``dnt run`` on notebooks of a few cells."""

import json
import os
import time
from pathlib import Path

import pytest

from dnt_core.workbook.notebook_lint import WIDGET
from dnt_core.workbook.notebook_pairs import write_notebook
from dnt_core.workbook.runner import find_notebooks, run_series, select_notebooks
from tests.repo.tiny_notebooks import OPEN, PARAMETERS, build, read

RECORD = "run.record({'size.px': run.profile.image_size})"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("DNT_PROFILE", raising=False)
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    return tmp_path / "notebooks"


def good(folder, name="01_good", *more):
    return build(folder / f"{name}.ipynb", OPEN.format(name=name), *more, RECORD)


def test_notebooks_are_chosen_by_number_name_or_path(folder):
    one, two = good(folder), good(folder, "12_more")
    assert find_notebooks(folder) == [one, two]
    for wanted in ("1", "01", "01_good", "01_good.ipynb", "notebooks/01_good.ipynb"):
        assert select_notebooks([wanted], [one, two]) == [one]
    assert select_notebooks(["12", "1"], [one, two]) == [one, two] == select_notebooks([], [one, two])
    with pytest.raises(ValueError, match="no notebook '3'; there are 01_good, 12_more"):
        select_notebooks(["3"], [one, two])
    with pytest.raises(FileNotFoundError, match="no notebook named like"):
        find_notebooks(folder.parent)


def test_a_failing_notebook_is_kept_and_said_and_the_others_run(folder, tmp_path):
    build(
        folder / "00_bad.ipynb",
        "# Some words",
        "print('before')",
        "\nratio = 1 / 0\nprint(ratio)",
        "print(2)",
    )
    good(folder)
    cells = []
    report = run_series(folder=folder, profile="laptop", progress=lambda *seen: cells.append(seen))
    assert report.out_dir == tmp_path / "runs" / "laptop" and [o.name for o in report.failed] == ["00_bad"]
    bad, fine = report.outcomes
    assert bad.cell == 5
    assert bad.error == ("00_bad.ipynb: cell 5 of 6, `ratio = 1 / 0`: ZeroDivisionError: division by zero")
    kept = read(report.out_dir / bad.executed)
    assert any(o.output_type == "error" for c in kept.cells if c.cell_type == "code" for o in c.outputs)
    assert fine.error is None
    assert fine.recorded
    assert report.metrics == {"01_good.size.px": 256}
    assert json.loads((report.out_dir / "metrics.json").read_text()) == report.metrics
    assert ("01_good", 4, 4) in cells
    saved = json.loads((report.out_dir / "report.json").read_text())
    assert [n["error"] for n in saved["notebooks"]] == [bad.error, None]
    assert not os.path.isabs(saved["notebooks"][0]["executed"])


def test_a_folder_may_have_any_name(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    odd = Path("-odd %03d [final] {b} {0} {")  # to papermill, a path with a dash in front is standard input
    good(odd)
    report = run_series(folder=odd, out_dir="-out {b}")
    assert [o.error for o in report.outcomes] == [None]
    assert (tmp_path / "-out {b}" / "metrics.json").is_file() and (
        tmp_path / "-out {b}" / "01_good.ipynb"
    ).is_file()


def test_the_notebooks_own_folder_is_no_folder_of_a_run(folder, tmp_path):
    kept = good(folder).read_bytes()
    with pytest.raises(ValueError, match="--out .*notebooks holds the notebooks themselves"):
        run_series(folder=folder, out_dir=tmp_path / "elsewhere" / ".." / "notebooks")
    assert (folder / "01_good.ipynb").read_bytes() == kept and len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("value", [{1, 2}, 2j, b"x", ({3},)])
def test_a_parameter_that_a_notebook_cannot_keep_is_told_before_anything_runs(folder, tmp_path, value):
    build(folder / "01_good.ipynb", parameters=f"{PARAMETERS}\nx = 0")
    with pytest.raises(ValueError, match="-p x=.* cannot be kept in a notebook: Object of type"):
        run_series(folder=folder, out_dir=tmp_path / "out", parameters={"x": value})
    assert not (tmp_path / "out").exists()


def test_an_executed_notebook_is_written_whole_or_not_at_all(tmp_path):
    from papermill.iorw import papermill_io

    from dnt_core.workbook import papermill_engine  # noqa: F401  puts its own writer in place

    path = tmp_path / "01_good.ipynb"
    papermill_io.write("{}", str(path))
    with pytest.raises(UnicodeEncodeError):
        papermill_io.write("{" + "x" * 9000 + "\ud800", str(path))
    assert path.read_text() == "{}" and list(tmp_path.iterdir()) == [path]


def test_a_report_keeps_what_other_notebooks_did_in_the_same_folder(folder, tmp_path):
    out = tmp_path / "out"
    good(folder, "00_first")
    good(folder)
    for wanted in ("00", "01", "00"):
        report = run_series([wanted], folder=folder, out_dir=out)
        assert [o.name[:2] for o in report.outcomes] == [wanted]
    told = json.loads((out / "report.json").read_text())["notebooks"]
    assert [n["name"] for n in told] == ["00_first", "01_good"]
    (out / "00_first.ipynb").unlink()  # what is not there any more is not told of
    run_series(["01"], folder=folder, out_dir=out)
    told = json.loads((out / "report.json").read_text())["notebooks"]
    assert [n["name"] for n in told] == ["01_good"]
    run_series(["00"], folder=folder, out_dir=out, profile="nbval")  # numbers of another profile do not mix
    told = json.loads((out / "report.json").read_text())
    assert (told["profile"], len(told["notebooks"])) == ("nbval", 1)
    assert {name.partition(".")[0] for name in json.loads((out / "metrics.json").read_text())} == {"00_first"}


def test_a_notebook_whose_metadata_a_tool_has_stripped_runs(folder):
    path = good(folder)
    notebook = json.loads(path.read_text(encoding="utf-8")) | {"metadata": {}}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    report = run_series(folder=folder, profile="quick")
    assert not report.failed and report.metrics  # papermill: "No language found in notebook"


def test_fail_fast_and_stale_results(folder, tmp_path):
    out = tmp_path / "out"
    good(folder, "00_first")
    run_series(folder=folder, out_dir=out)
    build(folder / "00_first.ipynb", "raise RuntimeError('two\\nlines')", RECORD)
    good(folder)
    report = run_series(folder=folder, out_dir=out, fail_fast=True)
    assert len(report.outcomes) == 1
    assert report.outcomes[0].error.endswith("RuntimeError: two lines")
    assert report.metrics == {}  # the earlier result of the notebook that failed is gone


def test_parameters_are_checked_before_anything_runs(folder, tmp_path):
    build(folder / "00_lacks.ipynb", parameters='profile = "quick"\nseed = 1')
    source = "assert (seed, profile) == (5, 'quick'); run.record(seed=seed)"
    name = "01_seed"
    parameters = 'profile = "paper"\ndata_dir = ""\nout_dir = ""\nseed = 0'
    build(folder / f"{name}.ipynb", OPEN.format(name=name), source, parameters=parameters)
    with pytest.raises(ValueError, match="no chosen notebook has a parameter 'sed'; there are"):
        run_series(folder=folder, out_dir=tmp_path / "out", parameters={"sed": 5})
    for name, option in (("profile", "--profile"), ("data_dir", "--data"), ("out_dir", "--out")):
        with pytest.raises(ValueError, match=f"{name} is what {option} gives"):  # else sizes would be mixed
            run_series(folder=folder, out_dir=tmp_path / "out", parameters={name: "laptop"})
    assert not (tmp_path / "out").exists()
    report = run_series(folder=folder, out_dir=tmp_path / "out", parameters={"seed": 5})
    assert "cell tagged `parameters` lacks data_dir, out_dir" in report.outcomes[0].error
    assert report.metrics == {"01_seed.seed": 5}


def test_data_folder_reaches_the_notebook(folder, tmp_path):
    clips = tmp_path / "clips"
    build(
        folder / "01_data.ipynb",
        OPEN.format(name="01_data"),
        "import os\nassert os.path.isabs(data_dir) and not run.synthetic",
        "assert run.data_dir.name == 'clips'",
    )
    with pytest.raises(FileNotFoundError, match="data folder .*clips' is not there"):
        run_series(folder=folder, data_dir=clips)
    clips.mkdir()
    outcome = run_series(folder=folder, data_dir=clips).outcomes[0]
    assert outcome.error is None
    assert not outcome.recorded


def test_a_cell_that_never_ends_is_stopped(folder, tmp_path):
    build(folder / "00_hangs.ipynb", "import time\ntime.sleep(600)", "print('never')")
    start = time.monotonic()
    outcome = run_series(folder=folder, out_dir=tmp_path / "out", timeout=2).outcomes[0]
    assert time.monotonic() - start < 60
    assert outcome.error == (
        "00_hangs.ipynb: cell 3 of 4, `import time`: it ran longer than its time limit of 2 s"
    )
    kept = read(tmp_path / "out" / outcome.executed)
    assert [o.ename for c in kept.cells if c.cell_type == "code" for o in c.outputs] == ["NotebookStopped"]


def test_a_dead_kernel_is_said(folder, tmp_path):
    build(folder / "00_dies.ipynb", "import os\nos._exit(3)")
    outcome = run_series(folder=folder, out_dir=tmp_path / "out").outcomes[0]
    assert "cell 3 of 3, `import os`: the kernel died" in outcome.error


def test_a_damaged_notebook_is_said(folder):
    good(folder).write_text("{")
    with pytest.raises(ValueError, match="01_good.ipynb is not a notebook that can be read"):
        run_series(folder=folder)


def execute(path, output, **options):
    import papermill

    from dnt_core.workbook.papermill_engine import ENGINE

    return papermill.execute_notebook(
        path, output, engine_name=ENGINE, kernel_name="python3", progress_bar=False, on_cell=lambda *_: None,
        kernel_log=output.with_suffix(".log"), timeout=60, **options,
    )  # fmt: skip


def test_a_notebook_is_not_written_at_each_cell_but_whole_at_its_end(folder, tmp_path, monkeypatch):
    import dnt_core.workbook.papermill_engine as engine

    written, write = [], engine.write_text
    monkeypatch.setattr(engine, "SAVE_SECONDS", 3600.0)
    monkeypatch.setattr(engine, "write_text", lambda *given: [written.append(given), write(*given)])
    path = build(folder / "00_many.ipynb", *(f"print({k})" for k in range(6)))
    execute(path, tmp_path / "out.ipynb")
    assert len(written) <= 4
    assert read(tmp_path / "out.ipynb").cells[-1].outputs[0].text == "5\n"


def test_a_lost_wake_up_costs_a_quarter_second(folder, tmp_path, monkeypatch):
    r"""nbclient#312: a reply is there, but whoever waits for it is not told; only a fresh look finds it."""
    import asyncio
    from queue import Empty

    from jupyter_client.channels import AsyncZMQSocketChannel

    receive, seen = AsyncZMQSocketChannel.get_msg, []

    async def deaf(self, timeout=None):
        if not await self.msg_ready():
            seen.append(timeout)
            await asyncio.sleep(3600 if timeout is None else timeout)
            raise Empty
        return await receive(self, timeout=timeout)

    path = build(folder / "00_print.ipynb", "import time; time.sleep(0.4); print('heard')")

    import dnt_core.workbook.papermill_engine as client

    start_client = client.PapermillNotebookClient.async_start_new_kernel_client

    async def start(self):
        kernel_client = await start_client(self)
        kernel_client.shell_channel.get_msg = deaf.__get__(kernel_client.shell_channel)
        return kernel_client

    monkeypatch.setattr(client.PapermillNotebookClient, "async_start_new_kernel_client", start)
    nb = execute(path, tmp_path / "out.ipynb")
    assert nb.cells[-1].outputs[0].text == "heard\n"
    assert seen
    assert max(seen) <= client.SLICE_SECONDS


def test_an_idle_kernel_that_never_answers_is_given_up(folder, tmp_path, monkeypatch):
    from jupyter_client.channels import AsyncZMQSocketChannel

    from dnt_core.workbook.papermill_engine import NotebookStopped

    receive = AsyncZMQSocketChannel.get_msg

    async def lossy(self, timeout=None):
        while (message := await receive(self, timeout=timeout))["msg_type"] == "execute_reply":
            pass
        return message

    monkeypatch.setattr(AsyncZMQSocketChannel, "get_msg", lossy)
    path = build(folder / "00_print.ipynb", "print('said')")
    with pytest.raises(NotebookStopped, match="the kernel was idle for 1 s without answering"):
        execute(path, tmp_path / "out.ipynb", stall_seconds=1.0)
    assert read(tmp_path / "out.ipynb").cells[1].outputs[-1].ename == "NotebookStopped"


def test_notebooks_have_pictures_in_a_headless_shell(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    build(folder / "01_plot.ipynb", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    report = run_series(folder=folder, out_dir=tmp_path / "out")
    outputs = read(tmp_path / "out" / "01_plot.ipynb").cells[-1].outputs
    assert report.failed == []
    assert any("image/png" in o.get("data", {}) for o in outputs)


def test_parameters_of_every_literal_kind_arrive_as_they_are(folder):
    more = (
        "pair = (1, 2)\nname: str | None = None\ntext = 'a=b'  # a default with an equals sign\n"
        "nested = {'sizes': (64, 128)}"
    )
    check = "assert (pair, name, text, nested) == ((3, 4), 'x', 'c=d', {'sizes': (1,)}), (pair, nested)"
    build(
        folder / "01_good.ipynb", OPEN.format(name="01_good"), check, RECORD,
        parameters=f"{PARAMETERS}\n{more}",
    )  # fmt: skip
    values = {"pair": (3, 4), "name": "x", "text": "c=d", "nested": {"sizes": (1,)}}
    assert run_series(folder=folder, profile="nbval", parameters=values).failed == []


def test_an_error_that_is_expected_is_no_failure_and_one_in_a_widget_is(folder):
    build(folder / "01_good.ipynb", OPEN.format(name="01_good"), "1 / 0", RECORD)
    path = folder / "01_good.ipynb"
    notebook = read(path)
    notebook.cells[3].metadata["tags"] = ["raises-exception"]
    write_notebook(path, notebook)
    widget = "import ipywidgets\nplace = ipywidgets.Output()\nwith place:\n    raise KeyError('lost')"
    build(folder / "02_widget.ipynb", OPEN.format(name="02_widget"), widget, "print('on')")
    report = run_series(folder=folder, profile="nbval")
    fine, bad = report.outcomes
    assert fine.error is None and fine.recorded
    executed = read(report.out_dir / fine.executed)
    assert any("ZeroDivisionError" in o.get("text", "") for c in executed.cells for o in c.get("outputs", []))
    assert bad.cell == 4 and "KeyError" in bad.error and "Output widget" in bad.error


def test_an_executed_notebook_keeps_no_ids_of_widgets(folder):
    shown = "import ipywidgets\nipywidgets.IntSlider(3, description='so much')"
    build(folder / "01_good.ipynb", OPEN.format(name="01_good"), shown, RECORD)
    report = run_series(folder=folder, profile="nbval")
    executed = read(report.out_dir / report.outcomes[0].executed)
    data = [o.data for c in executed.cells for o in c.get("outputs", []) if "data" in o]
    assert any("IntSlider" in of.get("text/plain", "") for of in data)
    assert not any(WIDGET in of for of in data)


def test_a_notebook_that_failed_keeps_no_ids_of_widgets_either(folder):
    shown = "import ipywidgets\nipywidgets.IntSlider(3, description='so much')"
    build(folder / "01_bad.ipynb", OPEN.format(name="01_bad"), shown, "raise KeyError('x')")
    build(folder / "02_dead.ipynb", OPEN.format(name="02_dead"), shown, "import os; os._exit(1)")
    report = run_series(folder=folder, profile="nbval")
    for outcome, said in zip(report.outcomes, ("KeyError", "kernel died"), strict=True):
        assert said in outcome.error
        executed = read(report.out_dir / outcome.executed)
        data = [o.data for c in executed.cells for o in c.get("outputs", []) if "data" in o]
        assert any("IntSlider" in of.get("text/plain", "") for of in data)
        assert not any(WIDGET in of for of in data)
