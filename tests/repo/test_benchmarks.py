import importlib.util
import json
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
