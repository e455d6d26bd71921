r"""Filming: frames a second of a real film, and what drawing one frame costs.

``film.frames_per_s`` is :func:`dnt_core.actor.film` at the size of the quick profile into a temporary folder:
speech, pictures, H.264 and AAC, the truth beside every clip, clips side by side on all cores.
``film.frame_ms.<size>`` is one picture of that side in px on one core, without encoding.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace

from dnt_core.actor import FilmConfig, FilmRenderer, film
from dnt_core.actor.filming import act
from dnt_core.actor.profile_film import film_config
from dnt_core.profiles import PROFILES

SIZES = (128, 256)


def run() -> dict[str, float]:
    r"""Measures in a temporary folder, best of several rounds, once everything is compiled and cached."""
    plan = replace(film_config(PROFILES["quick"]), intensities=(0.5,))  # seven clips
    _film(replace(plan, fps=2))
    frames = plan.n_frames * len(plan.shots())
    numbers = {"film.frames_per_s": frames / _best(lambda: _film(plan), rounds=3)}
    return numbers | {f"film.frame_ms.{size}": 1e3 * _seconds_a_frame(plan, size) for size in SIZES}


def _film(plan: FilmConfig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        film(folder, plan, progress=False)


def _seconds_a_frame(plan: FilmConfig, size: int) -> float:
    performance, _ = act(plan, plan.shots()[0])
    renderer = FilmRenderer(size)
    indices = range(0, len(performance), 3)

    def draw() -> None:
        for index in indices:
            renderer.frame(performance, index)

    draw()
    return _best(draw, rounds=5) / len(indices)


def _best(action: Callable[[], object], rounds: int) -> float:
    r"""The shortest of several times, in seconds: other work on the machine only ever adds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:24s} {value:10.1f}")
