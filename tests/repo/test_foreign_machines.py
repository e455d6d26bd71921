r"""Machines that are set up otherwise: consoles without a check mark, foreign kernels, LaTeX, odd names."""

import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from rich.console import Console

from dnt_core.clips import ClipError, read_face_cache
from dnt_core.doctor import Finding, print_report
from dnt_core.placeholder_files import check_no_placeholder
from dnt_core.studies.perceptual_study.report import score_file
from dnt_core.studies.perceptual_study.responses import read_responses
from dnt_core.terminal import open_console
from dnt_core.training.generator_weights import open_generator
from tests.repo.tiny_notebooks import OPEN, build

HEAD = "observer,group,identity,expression,clip,intensity,rank"
ORDER = [f"o{o},g1,M003,happy,c{i},{i / 3:.3f},{i + 1}" for o in (1, 2) for i in range(4)]
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1736792\n"
PAGE = b"\n<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n"


def dnt(*arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "dnt_core", *map(str, arguments)],
        cwd=cwd, env=os.environ | environment, capture_output=True, timeout=120,
    )  # fmt: skip


def test_score_without_a_check_mark_with_latex_and_brackets_in_the_name(tmp_path):
    (tmp_path / "rc").mkdir()
    (tmp_path / "rc" / "matplotlibrc").write_text("text.usetex: True\nfigure.autolayout: True\n")
    (tmp_path / "answers [final].csv").write_text("\n".join([HEAD, *ORDER]) + "\n")
    done = dnt(
        "score", "answers [final].csv", cwd=tmp_path, PYTHONIOENCODING="cp1252", PATH="",
        MATPLOTLIBRC=str(tmp_path / "rc"), MPLBACKEND="Agg", COLUMNS="100",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("cp1252")
    said = done.stdout.decode("cp1252")
    assert "answers [final].csv" in said and "Kendall's ?" in said and "[95 %]" in said
    assert (tmp_path / "answers [final]_scores" / "figure6.png").stat().st_size > 0


def test_doctor_without_a_check_mark(tmp_path):
    done = dnt("doctor", cwd=tmp_path, PYTHONIOENCODING="cp1252")
    assert b"codec" not in done.stderr and b"Optional assets" in done.stdout


def foreign_kernel(folder):
    """A python3 of another interpreter, without dnt_core, as cluster modules put one into JUPYTER_PATH."""
    spec = folder / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(
        json.dumps({"argv": ["false", "{connection_file}"], "display_name": "other", "language": "python"})
    )
    return str(folder / "jupyter")


def test_run_starts_the_interpreter_that_runs_dnt(tmp_path):
    cell = f"import sys\nassert sys.executable == {sys.executable!r}\nrun.record(x=1)"
    build(tmp_path / "notebooks" / "01_here.ipynb", OPEN.format(name="01_here"), cell)
    done = dnt(
        "run", cwd=tmp_path, DNT_HOME=str(tmp_path), DNT_PROFILE="", PYTHONIOENCODING="cp1252",
        JUPYTER_PATH=foreign_kernel(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert b"? 01_here" in done.stdout and b"1 of 1 notebooks ran" in done.stdout


def test_names_are_no_markup(capsys, monkeypatch):
    odd = Finding("Optional assets", "[red]name[/]", "ok", "/data/[bold]/a:smile:.mat", "[x] works", "here")
    monkeypatch.setenv("COLUMNS", "120")
    print_report([odd], open_console())
    said = capsys.readouterr().out
    assert all(text in said for text in ("[red]name[/]", "/data/[bold]/a:smile:.mat", "[x] works"))


def test_a_console_of_ones_own_may_be_given():
    console = Console(record=True, width=120)
    print_report([Finding("Machine", "Python", "missing", "[old] 3.9")], console)
    assert "Needed and missing: Python" in console.export_text()


@pytest.mark.parametrize(
    "content, said",
    [(POINTER, "a pointer of git-lfs.*git lfs pull"), (PAGE, "a web page"), (b"", "is empty")],
)
def test_what_stands_in_a_files_place_is_said(content, said, tmp_path):
    weights, cache = tmp_path / "generator_M003_128.safetensors", tmp_path / "001.face3d.npz"
    for path, read, error in (
        (weights, open_generator, ValueError),
        (cache, read_face_cache, ClipError),
        (weights, check_no_placeholder, ValueError),
    ):
        path.write_bytes(content)
        with pytest.raises(error, match=said):
            read(path)


def test_nobody_is_advised_to_load_pickles(tmp_path):
    path = tmp_path / "001.face3d.npz"
    for content in (b"just some text\n", np.array([{}], dtype=object)):
        with path.open("wb") as file:
            file.write(content) if isinstance(content, bytes) else np.save(file, content, allow_pickle=True)
        with pytest.raises(ClipError) as found:
            read_face_cache(path)
        assert "is not a whole NPZ file" in str(found.value) and "allow_pickle" not in str(found.value)


def test_a_terminal_of_width_0_is_told_what_others_are(tmp_path):
    (tmp_path / "a.csv").write_text("\n".join([HEAD, *ORDER]) + "\n")
    done = dnt("score", "a.csv", cwd=tmp_path, COLUMNS="0")
    assert done.returncode == 0 and b"slope" in done.stdout and b"wrote scores.csv" in done.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_answers_may_come_through_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    text = "\n".join([HEAD, *ORDER]) + "\n"
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(text,))
    writer.start()
    with pytest.raises(ValueError, match="pipe is a pipe, beside which nothing is written; name the results"):
        score_file(tmp_path / "pipe")  # for /dev/stdin that folder was /dev/stdin_scores
    assert len(read_responses(tmp_path / "pipe")) == len(ORDER)
    writer.join()


@pytest.mark.skipif(sys.platform == "win32", reason="closes a pipe as POSIX does")
@pytest.mark.parametrize("command", [("score", "a.csv"), ("notebooks", "sync", "--notebooks", "n")])
def test_a_reader_who_has_enough_stops_no_work(command, tmp_path):
    (tmp_path / "a.csv").write_text("\n".join([HEAD, *ORDER]) + "\n")
    for number in (1, 2):
        build(tmp_path / "n" / f"0{number}_here.ipynb", "x = 1")
    reading, writing = os.pipe()
    os.close(reading)  # as `| head -1` does, sooner than ever
    done = subprocess.run(
        [sys.executable, "-m", "dnt_core", *command], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE,
        env=os.environ | {"DNT_HOME": str(tmp_path)}, timeout=120,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
    made = ("a_scores/figure6.png",) if command[0] == "score" else ("n/01_here.py", "n/02_here.py")
    assert all((tmp_path / name).is_file() for name in made)
