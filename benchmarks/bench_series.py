r"""The whole quick series in a fresh clone, film included, with what is built once built by notebook 00."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fresh_clone import fresh_clone, timed


def run() -> dict[str, float]:
    r"""Wall and CPU seconds of one run, and the memory of its largest process."""
    with fresh_clone() as clone:
        timed(clone, "-m", "dnt_core", "run", "00", "--out", str(clone / "first"))
        took = timed(clone, "-m", "dnt_core", "run", "--out", str(clone / "all"))
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )
    return {"series.wall_s": took.wall, "series.cpu_s": took.cpu, "series.largest_process_mb": largest}


if __name__ == "__main__":
    print(run())
