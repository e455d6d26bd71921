import json
import re
import socket
import subprocess
import sys
import types
import typing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.cli.guard import one_line_errors
from tests.repo.tiny_notebooks import OPEN, PARAMETERS, build, read

WEIGHTS = Path(__file__).parents[2] / "weights" / "generator_M003_128.safetensors"


@pytest.fixture
def dnt(monkeypatch, tmp_path):
    monkeypatch.delenv("DNT_PROFILE", raising=False)
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def room(monkeypatch):
    r"""Put a stand-in where the command looks for another room's function."""

    def put(module, name, function):
        stand_in = types.ModuleType(module)
        setattr(stand_in, name, function)
        monkeypatch.setitem(sys.modules, module, stand_in)

    return put


def test_run_says_what_failed_and_exits_1(dnt, tmp_path):
    build(tmp_path / "notebooks" / "01_good.ipynb", OPEN.format(name="01_good"), "run.record(x=1)")
    done = dnt("run", "1")
    assert done.exit_code == 0, done.output
    assert "✓ 01_good" in done.stdout
    assert "1 metrics in runs/quick/metrics.json" in done.stdout
    build(tmp_path / "notebooks" / "02_bad.ipynb", "raise ValueError('[odd] markup')")
    done = dnt("run", "--out", "elsewhere")
    assert done.exit_code == 1
    assert "✗ 02_bad" in done.stdout
    assert "cell 3 of 3" in done.stdout
    assert "ValueError: [odd] markup" in done.stdout
    assert (tmp_path / "elsewhere" / "02_bad.ipynb").exists()


def test_the_profile_of_the_command_line_wins_over_the_environment_also_in_the_kernel(
    dnt, tmp_path, monkeypatch
):
    cell = "run.record(px=run.profile.image_size)"
    build(tmp_path / "notebooks" / "01_good.ipynb", OPEN.format(name="01_good"), cell)
    monkeypatch.setenv("DNT_PROFILE", "nbval")
    assert dnt("run", "--profile", "quick").exit_code == 0  # all was nbval
    assert json.loads((tmp_path / "runs/quick/metrics.json").read_text()) == {"01_good.px": 128}
    monkeypatch.setenv("DNT_PROFILE", "laptop")
    again = dnt("run", "--profile", "quick")
    assert "had run before" in again.stdout, again.output


def numeric_options(of=app, path=()):
    for command in of.registered_commands:
        named = (*path, command.name or command.callback.__name__)
        for name, hint in typing.get_type_hints(command.callback, include_extras=True).items():
            kind, option = (*typing.get_args(hint), None, None)[:2]
            if {"int", "float"} & set(re.findall(r"\w+", str(kind))):
                yield " ".join(named), f"--{name.replace('_', '-')}", "float" in str(kind), option
    for group in of.registered_groups:
        yield from numeric_options(group.typer_instance, (*path, group.name))


def test_every_number_has_bounds_and_nan_is_none(dnt):
    """--seed 1e30, --jobs 1000000 and --fps 1e9 went through, and NaN lies within any bounds."""
    found = list(numeric_options())
    assert len(found) > 20
    assert [row[:2] for row in found if row[3].min is None or row[3].max is None] == []
    for command, option, is_float, about in found:
        needed = {"film": ["--out", "o"]}.get(command, [])
        values = [str(about.max * 10), "-1", *(["nan", "inf"] if is_float else [])]
        for value in values:
            done = dnt(*command.split(), *needed, option, value)
            said = " ".join(done.output.split())
            assert done.exit_code == 2 and "Traceback" not in said, (command, option, value, said)
            wanted = "should be|is not in the range|expected a finite number"  # two Typers' words, and ours
            assert re.search(wanted, said), (command, option, value, said)


def test_a_nan_that_bounds_let_through_is_told(capsys):
    with pytest.raises(typer.Exit) as ended:
        one_line_errors(lambda **options: None)(out=Path("o"), lips_fps=float("nan"), intensity=[0.5])
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "dnt: --lips-fps nan: expected a finite number\n"


def test_the_users_folder_is_meant_by_its_sign(tmp_path, monkeypatch):
    """In ``--out=~/talk.mp4`` no shell writes it out, and the film lay in a new folder called ~."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    given = {
        "out": Path("~/a.mp4"),
        "clips": [Path("~/b"), Path("c~d")],
        "other": Path("~nobody~/e"),
        "name": "~/f",
    }
    wanted = {"out": tmp_path / "a.mp4", "clips": [tmp_path / "b", Path("c~d")]}
    assert one_line_errors(lambda **options: options)(**given) == given | wanted


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["run"], 1, "no notebook named like"),
        (["run", "--profile", "fast"], 2, "there is no profile 'fast'"),
        (["run", "-p", "seed"], 2, "-p seed: expected NAME=VALUE"),
        (["notebooks", "check"], 1, "no notebook named like"),
        (["notebooks", "check", "--notebooks", "nowhere"], 1, "there is no folder"),
        (["notebooks", "sync", "--from", "both"], 2, "expected newer, py or ipynb"),
        (["notebooks", "publish", "nowhere"], 1, "holds no report.json"),
    ],
)
def test_bad_input_is_one_line(dnt, arguments, code, sentence):
    done = dnt(*arguments)
    assert done.exit_code == code
    assert done.stderr.startswith("dnt: ")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def listening():
    r"""An address at which something listens, as a Dask scheduler would."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_cluster_goes_to_the_notebooks_that_know_it(dnt, listening, tmp_path):
    folder, parameters = tmp_path / "notebooks", f'{PARAMETERS}\ncluster = ""'
    build(folder / "01_here.ipynb", OPEN.format(name="01_here"), "run.record(x=1)")
    has_it = f"run.record(there=cluster == {listening!r})"
    build(folder / "02_there.ipynb", OPEN.format(name="02_there"), has_it, parameters=parameters)
    done = dnt("run", "--cluster", listening)
    assert done.exit_code == 0, done.output
    numbers = json.loads((tmp_path / "runs/quick/metrics.json").read_text())
    assert numbers == {"01_here.x": 1, "02_there.there": 1}
    done = dnt("run", "1", "--cluster", listening)
    assert done.exit_code == 2 and "no chosen notebook has a parameter 'cluster'" in done.stderr


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("localhost", "cluster 'localhost' is no address; expected the address of a running Dask scheduler"),
        ("tcp://127.0.0.1", "is no address; expected"),
        ("tcp://127.0.0.1:99999", "is no address (Port out of range 0-65535); expected"),
        ("http://127.0.0.1:8787", "is no address; expected"),
        ("tcp://127.0.0.1:1", "nothing answers at cluster 'tcp://127.0.0.1:1'"),
    ],
)
def test_a_cluster_that_cannot_be_is_said_before_any_notebook_runs(dnt, tmp_path, address, sentence):
    parameters = f'{PARAMETERS}\ncluster = ""'
    build(tmp_path / "notebooks" / "01_fits.ipynb", "raise RuntimeError", parameters=parameters)
    done = dnt("run", "--cluster", address)
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("dnt: ") and sentence in done.stderr
    assert not (tmp_path / "runs").exists()


@pytest.fixture
def calls(monkeypatch):
    r"""What the command asks the actor to film."""
    asked = []
    monkeypatch.setattr("dnt_core.actor.film", lambda *a, **k: asked.append((a, k)), raising=False)
    return asked


def test_film_hands_over_its_options(dnt, calls, tmp_path):
    assert dnt("film", "--out", tmp_path / "clips").exit_code == 0
    options = ("--profile", "laptop", "--actor", "M003", "--actor", "3", "--intensity", "0.5", "--seed", 7)
    assert dnt("film", "--out", "x", *options).exit_code == 0
    ((_, plain), shown), ((place, chosen), _) = calls
    assert shown == {"progress": True}
    assert (plain.actors, plain.intensities, plain.seed, plain.image_size) == (("M003",), None, 0, 128)
    assert (plain.knobs.mesh_resolution, plain.n_frames) == (9_000, 30)
    assert (str(place), chosen.actors, chosen.intensities) == ("x", ("M003", "M011"), (0.5,))
    assert (chosen.seed, chosen.image_size) == (7, 256)


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--intensity", "1.5", "--intensity"),
        ("--actor", "4", "there is no actor number 4; expected 1 to 3 or a name"),
        ("--actor", "M999", "M999"),
        ("--profile", "fast", "no profile 'fast'"),
    ],
)
def test_film_refuses(dnt, calls, option, value, sentence):
    done = dnt("film", "--out", "x", option, value)
    assert (done.exit_code, calls) == (2, [])
    assert sentence in done.stderr


@pytest.mark.parametrize("below", ["", "further", "further/down"])
@pytest.mark.parametrize(
    "command",
    [["film"], ["run"], ["site", "live", "--weights", WEIGHTS], ["score", "answers.csv"]],
    ids=lambda words: words[0],
)
def test_a_file_in_the_place_of_the_folder_is_said_at_once(dnt, tmp_path, calls, command, below):
    build(tmp_path / "notebooks" / "01_good.ipynb", OPEN.format(name="01_good"), "run.record(x=1)")
    rows = [f"o1,g1,M003,happy,c{i},{i / 3:.3f},{i + 1}" for i in range(4)]
    head = "observer,group,identity,expression,clip,intensity,rank"
    Path("answers.csv").write_text("\n".join([head, *rows]) + "\n")
    done = dnt(*command, "--out", Path("answers.csv") / below)
    assert done.exit_code == 2 and calls == []
    assert "answers.csv is a file, expected a folder" in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("error", "code"), [(ValueError("no actor\nM9"), 2), (FileNotFoundError("no disk"), 1)]
)
def test_errors_of_a_room_are_one_line(dnt, monkeypatch, error, code):
    def film(*_, **__):
        raise error

    monkeypatch.setattr("dnt_core.actor.film", film, raising=False)
    done = dnt("film", "--out", "x")
    assert (done.exit_code, done.stderr.strip()) == (code, f"dnt: {' '.join(str(error).split())}")


def test_where_the_folder_of_runs_may_not_be_written_to_the_way_out_is_said(dnt, monkeypatch, tmp_path):
    def film(out, *_, **__):
        raise PermissionError(13, "Permission denied", str(out))

    monkeypatch.setattr("dnt_core.actor.film", film, raising=False)
    said = "DNT_HOME names another folder"
    assert dnt("film", "--out", tmp_path / "runs" / "data").stderr.count(said) == 1
    assert said not in dnt("film", "--out", tmp_path / "elsewhere").stderr


def test_score_prints_what_the_study_says(dnt, room, tmp_path):
    room(
        "dnt_core.studies.perceptual_study",
        "score_file",
        lambda path, out=None: print(path.name, out),
    )
    assert dnt("score", "answers.csv", "--out", "tables").stdout == "answers.csv tables\n"


def test_notebooks_sync_check_strip(dnt, tmp_path):
    path = build(tmp_path / "notebooks" / "01_tiny.ipynb", "x = 1")
    done = dnt("notebooks", "check")
    assert done.exit_code == 1
    assert "01_tiny.ipynb has no 01_tiny.py" in done.stderr
    assert "wrote the .py" in dnt("notebooks", "sync").stdout
    assert dnt("notebooks", "check").exit_code == 0
    plain = '"metadata": {\n  "kernelspec"'
    path.write_text(path.read_text().replace(plain, '"metadata": {"widgets": {}, "kernelspec"'))
    assert "metadata noise" in dnt("notebooks", "check").stderr
    assert "01_tiny: stripped" in dnt("notebooks", "strip").stdout
    assert dnt("notebooks", "check").exit_code == 0
    assert dnt("notebooks", "strip").stdout == ""


def test_publish_carries_outputs_and_figures(dnt, tmp_path):
    path = build(
        tmp_path / "notebooks" / "01_plot.ipynb",
        OPEN.format(name="01_plot"),
        "import matplotlib.pyplot as plt\nfigure = plt.figure()\nrun.save_figure(figure, 'empty')",
        "run.record(x=1)",
        "run.profile.name",
        pair=True,
    )
    before = [(c.id, c.source) for c in read(path).cells]
    assert dnt("run", "--profile", "laptop").exit_code == 0
    done = dnt("notebooks", "publish", "runs/laptop")
    assert done.exit_code == 0, done.output
    cells = read(path).cells
    assert [(c.id, c.source) for c in cells] == before
    assert cells[-1].outputs[0].data["text/plain"] == "'laptop'"
    assert [c.execution_count for c in cells if c.cell_type == "code"] == [1, 2, 3, 4, 5]
    assert (tmp_path / "figures" / "empty.png").exists()
    assert dnt("notebooks", "check").exit_code == 0
    build(path, "something = 'else'", pair=True)
    done = dnt("notebooks", "publish", "runs/laptop")
    assert (done.exit_code, "has changed since it ran" in done.stderr) == (2, True)
    assert read(path).cells[-1].source == "something = 'else'"


def test_notebooks_that_ran_one_by_one_are_all_published_or_those_that_are_named(dnt, tmp_path):
    paths = [
        build(tmp_path / "notebooks" / f"{name}.ipynb", OPEN.format(name=name), "run.profile.name", pair=True)
        for name in ("01_one", "02_two")
    ]
    assert dnt("run", "01", "--profile", "laptop").exit_code == 0
    done = dnt("notebooks", "publish", "runs/laptop", "02")
    assert (done.exit_code, "02_two did not run in" in done.stderr) == (2, True)
    assert dnt("run", "02", "--profile", "laptop").exit_code == 0
    assert dnt("notebooks", "publish", "runs/laptop", "02").exit_code == 0
    assert [bool(read(path).cells[-1].outputs) for path in paths] == [False, True]
    assert dnt("notebooks", "publish", "runs/laptop").exit_code == 0
    assert all(read(path).cells[-1].outputs for path in paths)


def test_train_decoupling_hands_over_what_was_asked_and_names_a_stranger(dnt, room):
    called = []
    room(
        "dnt_core.training.decoupling_command",
        "train_with_progress",
        lambda *given, **changes: called.append((given, changes)) or {"after.accuracy": 0.5},
    )
    done = dnt("train", "decoupling", "--actor", "W009", "--steps", 7, "--seed", 3)
    assert done.exit_code == 0 and json.loads(done.stdout) == {"after.accuracy": 0.5}
    ((given, changes),) = called
    assert given[:5] == ("W009", None, None, None, 3) and callable(given[5])
    assert changes == {"steps": 7, "lambda2": None}
    assert dnt("train", "decoupling", "--steps", 0).exit_code == 2


def test_train_decoupling_says_who_there_is(dnt):
    done = dnt("train", "decoupling", "--actor", "M999")
    assert done.exit_code == 2 and "M003, W009, M011" in done.output


def test_help_is_quick_and_both_modules_are_the_command():
    heavy = "{'torch', 'numpy', 'numba', 'IPython', 'jupyter_server', 'uvicorn'}"
    seen = f"import sys, dnt_core.cli; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", seen], text=True).strip() == "[]"
    for module in ("dnt_core", "dnt_core.cli"):
        said = subprocess.check_output([sys.executable, "-m", module, "--help"], text=True)
        assert "Usage: dnt [OPTIONS] COMMAND" in said and "notebooks" in said
