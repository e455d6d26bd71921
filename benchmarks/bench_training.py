r"""The generator's training through ``dnt train generator``: frames per second, beside an earlier commit's.

``generator.train_frames_per_s.<size>`` counts frames that go through a batch, forward, backward and the
optimiser, by the seconds that the command itself writes into its checkpoint; reports and checkpoints do not
count. ``….before`` is the same command in a checkout of :data:`BEFORE`, on the same clips. The two take
turns, so that a neighbour's load falls on both, and the best turn of each counts.
``generator.train_frames_per_s.ratio_to_before`` is the smaller of the sizes' ratios.

``generator.read_cpu_ms.128`` is what reading a batch of four costs the training's process;
``….dataloader`` the same through torch's ``DataLoader``, ``….dataloader_worker`` through one with a process
that reads.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torch.utils.data import DataLoader

from dnt_core.checkpoint import read_checkpoint

sys.path.insert(0, str(Path(__file__).parent))
from fresh_clone import checkout

ROOT = checkout()
BEFORE = "708379d"
STEPS = {128: 48, 256: 40}  # image size (px) → steps of a turn; the first one also loads compiled code
TURNS = 3
ACTOR, BATCH = "M003", 4  # the laptop recipe's batch


def run() -> dict[str, float]:
    r"""Measures this checkout against :data:`BEFORE`, and what reading costs."""
    return against(BEFORE) | reading()


def against(reference: str, turns: int = TURNS) -> dict[str, float]:
    r"""Measures this checkout against another commit of the repository.

    Args:
        reference: a commit that git knows here.
        turns: how often each is measured.

    Raises:
        subprocess.CalledProcessError: git does not know the commit, or a training fails.
    """
    with tempfile.TemporaryDirectory() as folder, worktree(reference) as before:
        clips = film(Path(folder) / "film")
        seconds: dict[tuple[str, int], list[float]] = {}
        for turn in range(turns + 1):  # the first one prepares the clips and compiles
            for size, steps in STEPS.items():
                for name, checkout in (("before", before), ("now", ROOT)):
                    out = Path(folder) / f"{name}_{size}.safetensors"
                    took = train(checkout, clips, out, size, steps if turn else 2)
                    if turn:
                        seconds.setdefault((name, size), []).append(took)
    rate = {key: BATCH * STEPS[key[1]] / min(times) for key, times in seconds.items()}
    found, key = {}, "generator.train_frames_per_s"
    for size in STEPS:
        found[f"{key}.{size}"], found[f"{key}.{size}.before"] = rate["now", size], rate["before", size]
    found[f"{key}.ratio_to_before"] = min(rate["now", size] / rate["before", size] for size in STEPS)
    return found


def reading(size: int = 128, batches: int = 40, turns: int = 4) -> dict[str, float]:
    r"""CPU milliseconds of a batch in this process; the ways take turns, and the best turn of each counts."""
    from dnt_core.clips import scan
    from dnt_core.training.preprocessing import DataConfig, prepare_data

    with tempfile.TemporaryDirectory() as folder:
        clips = list(scan(film(Path(folder) / "film")))
        data = prepare_data(clips, Path(folder) / "prepared", DataConfig(image_size=size), progress=False)
        rows = [[(BATCH * k + i) % len(data) for i in range(BATCH)] for k in range(batches)]
        whole = {"dataset": rows, "batch_size": None, "collate_fn": data.batch}  # a row of it is a batch
        ways = {
            "": lambda: map(data.batch, rows),
            ".dataloader": lambda: DataLoader(**whole),
            ".dataloader_worker": lambda: DataLoader(**whole, num_workers=1, multiprocessing_context="fork"),
        }
        least = dict.fromkeys(ways, float("inf"))
        for _ in range(turns):
            for name, batches_of in ways.items():
                start = time.process_time()
                for _batch in batches_of():
                    pass
                least[name] = min(least[name], 1000 * (time.process_time() - start) / batches)
    return {f"generator.read_cpu_ms.{size}{name}": ms for name, ms in least.items()}


@contextmanager
def worktree(reference: str) -> Iterator[Path]:
    r"""A checkout of a commit in a folder of its own, removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "checkout"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", str(place), reference], check=True, capture_output=True)
        try:
            yield place
        finally:
            subprocess.run([*git, "remove", "--force", str(place)], check=True, capture_output=True)


def film(folder: Path) -> Path:
    r"""Three short clips of the built-in actor, in MEAD's layout."""
    from dnt_core.actor import ActorConfig, FilmConfig
    from dnt_core.actor.filming import Shot, film_shot

    plan = FilmConfig((ACTOR,), 1, 1.0, image_size=256, knobs=ActorConfig(mesh_resolution=9_000))
    for expression, level, intensity in (("neutral", "1", 0.0), ("happy", "3", 1.0), ("angry", "2", 0.67)):
        film_shot(plan, Shot(ACTOR, expression, level, intensity, 1), folder)
    return folder


def train(checkout: Path, clips: Path, out: Path, size: int, steps: int) -> float:
    r"""Seconds that so many steps took by the command of a checkout."""
    stage = out.with_suffix("") / f"stage1_{size}.safetensors"
    for left in (stage, out):
        left.unlink(missing_ok=True)  # the prepared clips stay
    command = [sys.executable, "-m", "dnt_core", "train", "generator", "--actor", ACTOR, "--data", str(clips)]
    command += ["--out", str(out), "--profile", "laptop", "--size", str(size), "--steps", str(steps)]
    place = os.environ | {"PYTHONPATH": str(checkout)}
    subprocess.run(command, cwd=checkout, env=place, check=True, capture_output=True)
    return float(read_checkpoint(stage).notes["seconds"])


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:50s} {value:8.2f}")
