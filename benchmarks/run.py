r"""``make bench``: run every benchmark and write one flat table of numbers.

A benchmark is a file ``bench_<what>.py`` beside this one with ``run() -> dict[str, float]``; names are flat
and end in
their unit, such as ``rasterize.256.cpu.ms``. A benchmark that fails is said and the others still run.

``--against REF`` measures another commit too: a ``git worktree`` of it and this checkout run the same files
in turn, three times each (``--rounds``), and every number gets a ``.ratio_to_before``, the ratio of the
medians. What that commit cannot run, for want of a module, say, is said and measured here alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dnt_core.atomic_write import write_json

HERE = Path(__file__).parent
ROUNDS = 3  # per checkout, of ``--against``


def discover(folder: Path, only: str = "") -> list[Path]:
    r"""The benchmark files in ``folder`` whose name contains ``only``, in order."""
    return [p for p in sorted(folder.glob("bench_*.py")) if only in p.stem]


def run_file(path: Path) -> dict[str, float]:
    r"""Run one benchmark file.

    Raises:
        ValueError: it has no ``run``, or a value is no finite number.
    """
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    if not hasattr(module, "run"):
        raise ValueError(f"{path.name} has no run(); expected run() -> dict of numbers")
    numbers = {name: float(value) for name, value in module.run().items()}
    if bad := [name for name, value in numbers.items() if not math.isfinite(value)]:
        raise ValueError(f"{path.name}: {', '.join(bad)} is not a finite number")
    return numbers


def machine() -> dict[str, str | int]:
    r"""What the numbers were measured on."""
    import torch

    cuda = torch.cuda.is_available()
    return {
        "machine.python": platform.python_version(),
        "machine.torch": torch.__version__,
        "machine.threads": torch.get_num_threads(),
        "machine.cores": os.cpu_count() or 0,
        "machine.cpu": _cpu_name(),
        "machine.device": torch.cuda.get_device_name(0) if cuda else "cpu",
        "machine.system": f"{platform.system()} {platform.machine()}",
    }


def run_all(files: list[Path]) -> tuple[dict[str, float], dict[str, str]]:
    r"""Run the files; returns the numbers of all, and file → error for those that failed.

    A name that two files measure counts as an error of the second.
    """
    numbers: dict[str, float] = {}
    errors: dict[str, str] = {}
    for path in files:
        start = time.perf_counter()
        try:
            found = run_file(path)
            if twice := sorted(found.keys() & numbers.keys()):
                raise ValueError(f"{path.name} measures {', '.join(twice)}, which an earlier file measured")
        except Exception as error:  # one broken benchmark must not cost the others
            traceback.print_exc()
            errors[path.name] = f"{type(error).__name__}: {error}"
            continue
        numbers |= found
        print(f"{path.stem}  ({time.perf_counter() - start:.0f} s)", flush=True)
        _print_table(found)
    return numbers, errors


@contextmanager
def worktree(reference: str) -> Iterator[Path]:
    r"""A checkout of another commit in a temporary folder, removed afterwards.

    Raises:
        ValueError: git knows no such commit, or this is no git checkout.
    """
    git = ["git", "-C", str(HERE), "worktree"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "before"
        done = subprocess.run([*git, "add", "--detach", str(path), reference], capture_output=True, text=True)
        if done.returncode:
            raise ValueError(f"--against {reference}: git made no worktree of it: {done.stderr.strip()}")
        try:
            yield path
        finally:
            subprocess.run([*git, "remove", "--force", str(path)], capture_output=True)


def measure(file: Path, checkout: Path) -> dict[str, float]:
    r"""The numbers of one benchmark file, run in a process of its own with the package of ``checkout``.

    Raises:
        ValueError: the benchmark failed there.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "bench.json"
        command = [
            sys.executable,
            __file__,
            "--folder",
            str(file.parent),
            "--only",
            file.stem,
            "--out",
            str(out),
        ]
        environment = os.environ | {"PYTHONPATH": str(checkout)}
        done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip() or "no message").splitlines()[-1]
            raise ValueError(f"{file.name} in {checkout.name}: {last}")
        found = json.loads(out.read_text(encoding="utf-8"))
    return {name: value for name, value in found.items() if not name.startswith("machine.")}


def _or_nothing(file: Path, checkout: Path) -> dict[str, float]:
    """:func:`measure`, and nothing but a sentence where it fails."""
    try:
        return measure(file, checkout)
    except ValueError as error:
        print(f"not compared: {error}", flush=True)
        return {}


def run_against(
    files: list[Path], before: Path, here: Path, rounds: int = ROUNDS
) -> tuple[dict[str, float], dict[str, str]]:
    r"""Both checkouts in turn; the medians of this one, their ratios to those before, and file → error."""
    numbers: dict[str, float] = {}
    errors: dict[str, str] = {}
    for file in files:
        pairs = []
        try:
            for _ in range(rounds):
                pairs.append((_or_nothing(file, before), measure(file, here)))
        except ValueError as error:
            errors[file.name] = str(error)
            continue
        found = {}
        for name in pairs[0][1]:
            old, new = ([pair[k][name] for pair in pairs if name in pair[k]] for k in (0, 1))
            found[name] = now = statistics.median(new)
            if len(old) == rounds:
                before_it = statistics.median(old)
                ratio = now / before_it if before_it else 0.0
                found |= {f"{name}.before": before_it, f"{name}.ratio_to_before": ratio}
        numbers |= found
        print(file.stem, flush=True)
        _print_table(found)
    return numbers, errors


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/bench.json"))
    parser.add_argument("--only", default="", help="only files whose name contains this")
    parser.add_argument("--folder", type=Path, default=HERE)
    parser.add_argument("--against", metavar="REF", help="also measure this commit, and print the ratios")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each checkout, of --against")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        print(f"--rounds {options.rounds}: expected 1 or more", file=sys.stderr)
        return 2
    files = discover(options.folder, options.only)
    if not files:
        print(f"no bench_*.py in {options.folder} fits {options.only!r}", file=sys.stderr)
        return 2
    if options.against:
        try:
            with worktree(options.against) as before:
                numbers, errors = run_against(files, before, HERE.parent, options.rounds)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
    else:
        numbers, errors = run_all(files)
    result: Mapping[str, object] = {**machine(), **numbers}
    write_json(options.out, result)
    print(f"{len(numbers)} numbers in {options.out}")
    for name, error in errors.items():
        print(f"{name} failed: {error}", file=sys.stderr)
    return 1 if errors else 0


def _print_table(numbers: Mapping[str, float]) -> None:
    width = max(map(len, numbers), default=0)
    for name, value in numbers.items():
        print(f"  {name:<{width}}  {value:10.4g}")


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
