r"""Notebooks side by side, a run that goes on where it was, and what is shown meanwhile."""

import os
import subprocess
import sys
import threading
import time

import pytest

from dnt_core.profiles import get_profile
from dnt_core.workbook.kernel_bars import KernelBars
from dnt_core.workbook.run_order import EXPECTED, TimeLeft, expected_seconds, next_notebook
from dnt_core.workbook.run_progress import run_with_progress
from dnt_core.workbook.runner import run_series, side_by_side
from tests.repo.tiny_notebooks import OPEN, build

RECORD = "run.record({'size': run.profile.image_size})"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("DNT_PROFILE", raising=False)
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    return tmp_path / "notebooks"


def notebook(folder, name, *cells):
    return build(folder / f"{name}.ipynb", OPEN.format(name=name), *cells, RECORD)


def meet(mine, other):
    r"""A cell that ends only when the other notebook runs at the same time."""
    return (
        f"import time, pathlib\npathlib.Path('{mine}').touch()\nstart = time.monotonic()\n"
        f"while not pathlib.Path('{other}').exists():\n    assert time.monotonic() - start < 120\n"
        "    time.sleep(0.1)"
    )


def test_notebooks_run_side_by_side_in_their_folder_and_share_the_cores(folder, tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    here = os.getcwd()
    alone = "import os\nassert os.environ['OMP_NUM_THREADS'] == os.environ['LOKY_MAX_CPU_COUNT'] == '1'"
    notebook(folder, "01_one", alone, meet("one", "two"))
    notebook(folder, "02_two", alone, meet("two", "one"))
    report = run_series(folder=folder, jobs=2)
    assert report.failed == [] and [o.name for o in report.outcomes] == ["01_one", "02_two"]
    assert report.metrics == {"01_one.size": 128, "02_two.size": 128}
    assert os.getcwd() == here and (folder / "one").exists()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_a_process_that_may_use_one_core_runs_one_notebook_at_a_time():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert side_by_side(get_profile("quick"), 9) == 1  # it was one per core of the whole machine
    finally:
        os.sched_setaffinity(0, allowed)


HOLD = """
import sys, time
from pathlib import Path
from dnt_core.one_at_a_time import one_at_a_time
with one_at_a_time(Path(sys.argv[1]), "another run"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_run_into_one_folder_says_that_there_is_a_first_and_a_killed_one_holds_nothing(
    folder, tmp_path
):
    """Two mixed their notebooks, metrics and report in one folder."""
    notebook(folder, "01_one")
    out = tmp_path / "runs" / "quick"
    out.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(out)], stdout=subprocess.PIPE) as first:
        try:
            assert first.stdout.readline() == b"held\n"
            with pytest.raises(BlockingIOError) as error:
                run_series(folder=folder)
            assert str(error.value) == (
                f"another `dnt run` is at work in {out} already (process {first.pid}); wait for it, end it, "
                "or give another folder"
            )
            assert run_series(folder=folder, out_dir=tmp_path / "other").failed == []
        finally:
            first.kill()
    assert run_series(folder=folder).failed == []


def test_a_run_that_was_stopped_goes_on_with_the_notebook_it_was_in(folder, tmp_path):
    notebook(folder, "01_one", "open('ran', 'a').write('1')")
    notebook(folder, "02_two", "open('ran', 'a').write('2')\nassert len(open('ran').read()) > 2, 'stopped'")
    first = run_series(folder=folder, fresh=False)
    assert [o.name for o in first.failed] == ["02_two"]
    second = run_series(folder=folder, fresh=False)
    assert (folder / "ran").read_text() == "122"  # what failed or was stopped runs again from its start
    assert second.failed == [] and [o.reused for o in second.outcomes] == [True, False]
    assert second.metrics == {"01_one.size": 128, "02_two.size": 128}
    run_series(folder=folder, fresh=False)
    assert (folder / "ran").read_text() == "122"
    run_series(["1"], folder=folder, fresh=True)
    assert (folder / "ran").read_text() == "1221"
    notebook(folder, "01_one", "open('ran', 'a').write('a')")  # other code
    assert [o.reused for o in run_series(folder=folder, fresh=False).outcomes] == [False, True]
    (tmp_path / "runs" / "quick" / "02_two" / "result.json").unlink()  # other results than were noted
    assert [o.reused for o in run_series(folder=folder, fresh=False).outcomes] == [True, False]


def test_variables_that_name_places_name_the_same_ones_in_a_notebook(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    for name, value in {"DNT_HOME": "home", "DNT_ASSETS": f"a{os.pathsep}b", "DNT_BFM": "c.mat"}.items():
        monkeypatch.setenv(name, value)
    look = (
        "import os\nfrom dnt_core.assets import search_folders\nfrom dnt_core.paths import runs_folder\n"
        "places = [str(runs_folder()), *map(str, search_folders()[:2]), os.environ['DNT_BFM']]\n"
        f"assert places == [os.path.join({str(tmp_path)!r}, p) for p in ('home/runs', 'a', 'b', 'c.mat')]"
    )
    notebook(folder, "01_one", look)  # a kernel runs in the notebooks' folder
    assert run_series(folder=folder).failed == []


def test_other_records_in_the_weights_folder_make_a_notebook_run_again(folder, tmp_path):
    (tmp_path / "weights" / "table2").mkdir(parents=True)
    (tmp_path / "weights" / "some.safetensors").touch()
    (tmp_path / "weights" / "scores.json").write_text("{}")
    notebook(folder, "01_one")

    def reused():
        return run_series(folder=folder, fresh=False).outcomes[0].reused

    assert [reused(), reused()] == [False, True]
    (tmp_path / "weights" / "scores.json").write_text('{"a": 1}')
    assert [reused(), reused()] == [False, True]
    (tmp_path / "weights" / "table2" / "judges.json").write_text("{}")
    assert [reused(), reused()] == [False, True]


def test_other_clips_make_a_notebook_run_again_behind_a_link_as_well(folder, tmp_path):
    cell = tmp_path / "elsewhere" / "video" / "front" / "happy" / "level_1"
    cell.mkdir(parents=True)
    (cell / "001.mp4").write_bytes(b"1")
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "anna").symlink_to(tmp_path / "elsewhere")
    notebook(folder, "01_one")

    def reused():
        return run_series(folder=folder, data_dir=tmp_path / "clips", fresh=False).outcomes[0].reused

    assert [reused(), reused()] == [False, True]
    (cell / "001.mp4").write_bytes(b"other frames")
    assert [reused(), reused()] == [False, True]


def test_a_notebook_that_was_edited_while_it_ran_runs_again(folder):
    path = folder / "01_one.ipynb"
    change = (
        f"path = {str(path)!r}\ntext = open(path).read()\n"
        "with open(path, 'w') as file:\n    _ = file.write(text.replace('before', 'after'))"
    )
    notebook(folder, "01_one", "open('ran', 'a').write('before ')", change)
    assert not run_series(folder=folder, fresh=False).failed
    second = run_series(folder=folder, fresh=False)
    assert not second.outcomes[0].reused and (folder / "ran").read_text() == "before after "
    assert run_series(folder=folder, fresh=False).outcomes[0].reused


def test_an_interrupt_ends_a_running_notebook_at_once(folder):
    notebook(folder, "01_one", "import time\ntime.sleep(600)")

    def interrupt(name, number, total):
        if number == 4:
            threading.Timer(0.5, os.kill, (os.getpid(), 2)).start()

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_series(folder=folder, progress=interrupt)
    assert time.monotonic() - start < 120


def test_a_log_says_what_starts_how_far_it_is_and_what_had_run(folder, monkeypatch, capsys):
    monkeypatch.setattr("dnt_core.workbook.run_progress.LOG_SECONDS", 0.2)
    slow = (
        "from tqdm import tqdm\nimport time\nfor _ in tqdm(range(20), desc='fitting'):\n    time.sleep(0.1)"
    )
    notebook(folder, "01_one", slow)
    run_with_progress([], folder=folder)
    said = capsys.readouterr().out
    first = f"about {EXPECTED['quick']['01']:.0f} s left"
    assert said.startswith(f"1 notebook, {first}") and "▸ 01_one" in said
    assert "01 cell 4 of 5 (fitting:" in said and "✓ 01_one" in said
    run_with_progress([], folder=folder)
    assert "had run before" in capsys.readouterr().out


def test_the_first_comes_first_then_the_longest_and_one_films_for_all():
    expected = {"00_a": 5.0, "01_b": 10.0, "02_c": 90.0, "04_d": 50.0}

    def pick(waiting, running=(), there=False):
        return next_notebook(waiting, running, {"01_b", "04_d"}, there, expected, True)

    assert pick(list(expected)) == "00_a"
    assert pick(["01_b", "02_c", "04_d"]) == "02_c"
    assert pick(["01_b", "04_d"], ["02_c"]) == "04_d"
    assert pick(["01_b"], ["04_d"]) is None
    assert pick(["01_b"], ["04_d"], there=True) == "01_b"
    assert next_notebook(["01_b", "02_c"], (), set(), True, expected, False) == "01_b"


def test_the_time_that_is_left_learns_from_this_machine(tmp_path, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    left = TimeLeft({"01_a": 120.0, "02_b": 400.0, "03_c": 10.0}, jobs=2)
    assert left.seconds() == 400
    left.start("01_a")
    left.start("02_b")
    clock[0] = 240.0  # twice as slow as expected, and the expectation counts as much as one measurement
    left.end("01_a")
    left.end("03_c")  # had run before
    assert left.seconds() == 1.5 * 400 - 240 and left.in_words() == "about 6 min left"
    clock[0] = 700.0  # 02 takes longer than that: how long still, nobody knows
    assert left.in_words().startswith("at least ")
    cold = TimeLeft({"00_a": 10.0, "02_b": 300.0}, jobs=1)
    cold.start("00_a")
    clock[0] += 70.0  # a fresh clone builds faces and compiles kernels in its first notebook
    cold.end("00_a")
    assert cold.seconds() < 1.5 * 300
    (tmp_path / "report.json").write_text('{"notebooks": [{"name": "02_x", "seconds": 7, "error": null}]}')
    assert expected_seconds(["02_x", "99_y"], tmp_path / "report.json")["02_x"] == 7
    new = tmp_path / "none.json"
    assert expected_seconds(["03_x"], new, "laptop")["03_x"] > 5 * expected_seconds(["03_x"], new)["03_x"]


def message(kind, **content):
    return {"msg_type": kind, "content": content}


def test_bars_of_widgets_and_of_text_are_read():
    bars = KernelBars()
    for name, state in (
        ("left", {"value": "rendering:  45%"}),
        ("bar", {"value": 30, "max": 66}),
        ("right", {"value": " 30/66 [00:10&lt;00:12,  3.0clip/s]"}),
        ("box", {"children": ["IPY_MODEL_left", "IPY_MODEL_bar", "IPY_MODEL_right"]}),
    ):
        bars.feed(message("comm_open", comm_id=name, data={"state": state}))
    changed = {"state": {"value": " 31/66 [00:10<00:12]"}}
    assert bars.feed(message("comm_msg", comm_id="right", data=changed))
    assert bars.text == "rendering: 45% 31/66 [00:10<00:12]"
    assert not bars.feed(message("stream", text="a line that is no bar\n"))
    bars.feed(message("stream", text="\rfit:  50%|█████     | 5/10 [00:01<00:01]"))
    assert bars.text == "fit:  50%  5/10 [00:01<00:01]"
    bars.feed(message("status", execution_state="idle"))
    assert bars.text == ""


def test_a_file_that_a_parameter_names_is_found_from_here_and_counts_by_its_content(
    folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    read = "from pathlib import Path\nrun.record({'size': len(Path(sound).read_text())})"
    build(
        folder / "01_one.ipynb", OPEN.format(name="01_one"), read,
        parameters='profile = "quick"\ndata_dir = ""\nout_dir = ""\nsound = ""',
    )  # fmt: skip
    sizes = []
    for said in ("one", "one", "one more"):
        if not sizes or said != "one":
            (tmp_path / "my voice.txt").write_text(said)
        report = run_series(folder=folder, parameters={"sound": "my voice.txt"}, fresh=False)
        sizes.append((report.metrics.get("01_one.size"), [o.reused for o in report.outcomes]))
    assert sizes == [(3, [False]), (3, [True]), (8, [False])]
