r"""The first notebook after an install: ``dnt run 00`` in a fresh clone, caches cold."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fresh_clone import fresh_clone, timed


def run() -> dict[str, float]:
    r"""Wall and CPU seconds of one run."""
    with fresh_clone() as clone:
        took = timed(clone, "-m", "dnt_core", "run", "00")
    return {"first_notebook_s": took.wall, "first_notebook_cpu_s": took.cpu}


if __name__ == "__main__":
    print(run())
