r"""What a second process waits for: from the start of Python to the first face, 256 px, caches warm.

``second_process_s`` and ``second_process_cpu_s`` draw the built-in actor; ``second_process.model_s`` renders
the face model (torch included).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fresh_clone import checkout, children_cpu

ROUNDS = 3
_ACTOR = """
try:
    from dnt_core.actor.stills import actor_still
except ImportError:  # before version 0.2
    from dnt_core.workbook.moments import actor_still
actor_still("M003", "happy", 1.0, 256)
"""
_MODEL = """
from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model
from dnt_core.rendering.rasterizer import rasterize
model = load_face_model()
vertices, _ = model(FaceParameters.zeros((1,)))
rasterize(PerspectiveCamera(256).project(vertices), model.triangles, 256)
"""


def run() -> dict[str, float]:
    r"""The median of three processes each, after one that builds what is not there yet."""
    actor, model = _median(_ACTOR), _median(_MODEL)
    return {
        "second_process_s": actor[0],
        "second_process_cpu_s": actor[1],
        "second_process.model_s": model[0],
    }


def _median(code: str) -> tuple[float, float]:
    times = [_seconds(code) for _ in range(1 + ROUNDS)][1:]
    return tuple(map(statistics.median, zip(*times, strict=True)))


def _seconds(code: str) -> tuple[float, float]:
    r"""Wall and CPU seconds of a Python process that runs ``code`` with this checkout's package."""
    before, wall = children_cpu(), time.perf_counter()
    there = os.environ | {"PYTHONPATH": str(checkout())}
    subprocess.run([sys.executable, "-c", code], env=there, check=True)
    return time.perf_counter() - wall, children_cpu() - before


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:24s} {value:10.2f}")
