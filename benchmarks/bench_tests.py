r"""``make test``'s three parts, limited to the tests and notebooks that commit 708379d has.

A test is known by the name of its function, so it may have moved to another file and have grown new cases,
which then count as well. A test that fails may cost less than it should: ``tests.failed`` says how many do.
Packages that only the older commit needs (Voilà) have to be installed, or its tests that need them fail.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fresh_clone import checkout, children_cpu

BEFORE = "708379d"
PLUGIN = """
import os

def pytest_collection_modifyitems(config, items):
    kept = set(os.environ["ONLY_TESTS"].split())
    chosen = [i for i in items if getattr(i, "originalname", i.name) in kept and not i.name.endswith(NEW)]
    config.hook.pytest_deselected(items=[i for i in items if i not in set(chosen)])
    items[:] = chosen
"""


def run() -> dict[str, float]:
    r"""Wall and CPU seconds of all three parts together, and how many tests failed."""
    root = checkout()
    named = re.findall(r"def (test_\w+)", _git(root, "grep", "-h", "def test_", BEFORE, "--", "tests"))
    stems = {Path(line).stem for line in _git(root, "ls-tree", "--name-only", f"{BEFORE}:notebooks").split()}
    notebooks = [path for path in sorted(root.glob("notebooks/[0-9]*.ipynb")) if path.stem in stems]
    new = tuple(f"[{path.stem}]" for path in root.glob("notebooks/[0-9]*.ipynb") if path.stem not in stems)
    side_by_side = ("-n", "2", "--no-loadscope-reorder")
    nbval = ("--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "300", *map(str, notebooks))
    with tempfile.TemporaryDirectory(prefix="dnt_bench_") as folder:
        (Path(folder) / "only_tests.py").write_text(PLUGIN.replace("NEW", repr(new)), encoding="utf-8")
        python = f"{root}{os.pathsep}{folder}"
        there = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": python}
        one = there | {"OMP_NUM_THREADS": "1"}
        parts = (
            (one, (*side_by_side, "--dist", "loadfile", "-m", "not alone", "-p", "only_tests")),
            (there, ("-m", "alone", "-p", "only_tests")),
            (one | {"DNT_PROFILE": "nbval"}, (*side_by_side, "--dist", "loadscope", *nbval)),
        )
        before, start, failed = children_cpu(), time.perf_counter(), 0
        for environment, arguments in parts:
            failed += _failures(root, environment | {"ONLY_TESTS": " ".join(named)}, arguments)
        wall, cpu = time.perf_counter() - start, children_cpu() - before
    return {"tests.wall_s": wall, "tests.cpu_s": cpu, "tests.failed": float(failed)}


def _failures(root: Path, environment: dict[str, str], arguments: tuple[str, ...]) -> int:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
    said = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if not (lines := said.stdout.strip().splitlines()):
        raise RuntimeError(f"pytest ran no test: {said.stderr[-500:]}")
    return sum(int(count) for count in re.findall(r"(\d+) (?:failed|error)", lines[-1]))


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    print(run())
