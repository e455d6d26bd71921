r"""Filming: CPU per frame of a real film, and what drawing one frame costs.

``film.cpu_ms_per_frame.<size>`` is :func:`dnt_core.actor.film` of seven clips at that side in px into a
temporary folder, after its start: speech, pictures, H.264 and AAC, the truth beside every clip; CPU of all
threads. ``film.frame_ms.<size>`` is one picture on one core, without encoding. ``film.frames_per_s`` is the
wall clock's at 128 px, the size of the quick profile. It runs on earlier versions of the package, too.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace

from dnt_core.actor import FilmRenderer, film
from dnt_core.actor.filming import act

try:
    from dnt_core.actor import ActorConfig, FilmConfig
except ImportError:  # before version 0.2
    from dnt_core.actor import FilmPlan as FilmConfig
    from dnt_core.actor import Knobs as ActorConfig

SIZES = (128, 256)
VERTICES = 9_000  # of the face model, as in the quick profile


def run() -> dict[str, float]:
    r"""Measures in a temporary folder, best of several rounds, once everything is compiled and cached."""
    numbers = {}
    for size in SIZES:
        knobs = ActorConfig(mesh_resolution=VERTICES)
        plan = FilmConfig(image_size=size, intensities=(0.5,), knobs=knobs)  # seven clips of 1 s
        _film(replace(plan, fps=2.0))
        frames = plan.n_frames * len(plan.shots())
        wall, cpu = _best(lambda plan=plan: _film(plan), rounds=3)
        numbers[f"film.cpu_ms_per_frame.{size}"] = 1e3 * cpu / frames
        numbers[f"film.frame_ms.{size}"] = 1e3 * _seconds_per_frame(plan, size)
        if size == SIZES[0]:
            numbers["film.frames_per_s"] = frames / wall
    return numbers


def _film(plan: FilmConfig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        film(folder, plan, progress=False)


def _seconds_per_frame(plan: FilmConfig, size: int) -> float:
    performance, _ = act(plan, plan.shots()[0])
    renderer = FilmRenderer(size)
    indices = range(0, len(performance), 3)

    def draw() -> None:
        for index in indices:
            renderer.frame(performance, index)

    draw()
    return _best(draw, rounds=5)[0] / len(indices)


def _best(action: Callable[[], object], rounds: int) -> tuple[float, float]:
    r"""The shortest of several wall and CPU times, in seconds: other work on the machine only ever adds."""
    times = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        action()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return tuple(map(min, zip(*times, strict=True)))


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:28s} {value:10.1f}")
