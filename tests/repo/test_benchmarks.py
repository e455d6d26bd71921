import ast
import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "benchmarks" / "run.py"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("benchmarks_run", RUN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_numbers_are_merged_with_the_machine(bench, tmp_path):
    (tmp_path / "bench_a.py").write_text("def run():\n    return {'a.128.ms': 1, 'a.256.ms': 2.5}\n")
    (tmp_path / "bench_b.py").write_text("def run():\n    return {'b.frames_per_s': 30}\n")
    out = tmp_path / "runs" / "bench.json"
    assert bench.main(["--folder", str(tmp_path), "--out", str(out)]) == 0
    found = json.loads(out.read_text())
    assert {k: v for k, v in found.items() if not k.startswith("machine.")} == {
        "a.128.ms": 1.0,
        "a.256.ms": 2.5,
        "b.frames_per_s": 30.0,
    }
    assert found["machine.torch"]
    assert found["machine.cores"] >= 1
    assert bench.main(["--folder", str(tmp_path), "--out", str(out), "--only", "nothing"]) == 2


@pytest.mark.parametrize(
    "source",
    ["1 / 0", "x = 1", "def run():\n    return {'z': float('nan')}", "def run():\n    return {'a.ms': 3}"],
)
def test_a_broken_benchmark_is_said_and_costs_no_other(bench, tmp_path, source, capsys):
    (tmp_path / "bench_a.py").write_text("def run():\n    return {'a.ms': 1}\n")
    (tmp_path / "bench_broken.py").write_text(source)
    (tmp_path / "bench_c.py").write_text("def run():\n    return {'c.ms': 2}\n")
    out = tmp_path / "bench.json"
    assert bench.main(["--folder", str(tmp_path), "--out", str(out)]) == 1
    found = json.loads(out.read_text())
    assert (found["a.ms"], found["c.ms"]) == (1.0, 2.0)
    assert "bench_broken.py failed" in capsys.readouterr().err


def test_another_commit_is_measured_in_turn_and_compared(bench, tmp_path):
    for checkout, value in (("before", 8), ("here", 2)):
        (tmp_path / checkout / "dnt_core").mkdir(parents=True)
        (tmp_path / checkout / "dnt_core" / "__init__.py").write_text(f"value = {value}\n")
        (tmp_path / checkout / "dnt_core" / "atomic_write.py").write_text(
            (RUN.parents[1] / "dnt_core" / "atomic_write.py").read_text(encoding="utf-8")
        )
    with (tmp_path / "here" / "dnt_core" / "__init__.py").open("a") as new:
        new.write("only_here = 5\n")
    folder = tmp_path / "rows"
    folder.mkdir()
    (folder / "bench_a.py").write_text("import dnt_core\ndef run():\n    return {'a.s': dnt_core.value}\n")
    (folder / "bench_b.py").write_text("def run():\n    raise OSError('no disk')\n")
    (folder / "bench_c.py").write_text(
        "import dnt_core\ndef run():\n    return {'c.s': dnt_core.only_here}\n"
    )
    files = bench.discover(folder)
    numbers, errors = bench.run_against(files, tmp_path / "before", tmp_path / "here", rounds=1)
    assert numbers == {"a.s": 2.0, "a.s.before": 8.0, "a.s.ratio_to_before": 0.25, "c.s": 5.0}
    assert list(errors) == ["bench_b.py"] and "no disk" in errors["bench_b.py"]


def test_an_unknown_commit_is_said(bench, tmp_path, capsys):
    (tmp_path / "bench_a.py").write_text("def run():\n    return {'a.ms': 1}\n")
    asked = ["--folder", str(tmp_path), "--out", str(tmp_path / "b.json"), "--against", "no-such-commit"]
    assert bench.main(asked) == 2
    assert "--against no-such-commit" in capsys.readouterr().err and not (tmp_path / "b.json").exists()


def test_make_bench_runs_every_benchmark_of_the_folder(bench):
    files = bench.discover(RUN.parent)
    assert "bench_track" in [file.stem for file in files] and len(files) >= 14
    for file in files:
        names = [node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
        assert "run" in names, file.name


@pytest.mark.parametrize("bench_file", ["bench_training", "bench_generator"])
def test_a_benchmark_measures_the_checkout_that_run_py_names(bench_file, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}/elsewhere")
    monkeypatch.syspath_prepend(str(RUN.parent))
    monkeypatch.delitem(sys.modules, bench_file, raising=False)
    module = importlib.import_module(bench_file)
    monkeypatch.delitem(sys.modules, bench_file)
    place = {"bench_training": "ROOT", "bench_generator": "WEIGHTS"}[bench_file]
    assert getattr(module, place) == tmp_path / {"ROOT": "", "WEIGHTS": "weights"}[place]
