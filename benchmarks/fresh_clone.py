r"""A copy of a checkout in a temporary folder, as after a fresh install: nothing is built or filmed yet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PARTS = ("dnt_core", "notebooks", "weights", "pyproject.toml")
BUILT = shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc")


@dataclass(frozen=True)
class Seconds:
    r"""Wall and CPU time of a command and its children, in s."""

    wall: float
    cpu: float


def checkout() -> Path:
    r"""The checkout that is measured: ``PYTHONPATH``'s, as ``run.py --against`` sets it, else this one."""
    first, *_ = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return Path(first or Path(__file__).parents[1])


def children_cpu() -> float:
    r"""CPU seconds of all processes that were started here and have ended, theirs included."""
    spent = os.times()
    return spent.children_user + spent.children_system


@contextmanager
def fresh_clone() -> Iterator[Path]:
    r"""The copy; whatever commands write lies in it and is removed with it."""
    with tempfile.TemporaryDirectory(prefix="dnt_bench_") as folder:
        for part in PARTS:
            source, target = checkout() / part, Path(folder) / part
            shutil.copytree(source, target, ignore=BUILT) if source.is_dir() else shutil.copy(source, target)
        yield Path(folder)


def timed(clone: Path, *arguments: str | Sequence[str]) -> Seconds:
    r"""Runs ``python <arguments>`` with the package of ``clone``, its caches in it.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    places = {"PYTHONPATH": str(clone), "XDG_CACHE_HOME": str(clone / "cache"), "HOME": str(clone)}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DNT_")} | places
    before, start = children_cpu(), time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=clone, env=environment, check=True)
    return Seconds(time.perf_counter() - start, children_cpu() - before)
