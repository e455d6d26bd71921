r"""What tracking costs the generator: trained on the actor's true numbers, and on tracked ones.

The actor's quick film (22 clips of M003) is tracked from its pixels and from landmarks with 3 px of 256 of
noise, without its truth. Then the same generator is trained twice, with the same seed and clips, and
measured on held-out frames; beside both the mean frame. The record goes to ``--out`` as JSON.

    python -m benchmarks.track_and_train --steps 150 --size 64 --out track_and_train.json
"""

from __future__ import annotations

import argparse
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.measure_tracking import NOISE, averaged, track
from dnt_core.atomic_write import write_json
from dnt_core.clips import read_face_cache, scan, write_face_cache
from dnt_core.face3d import load_face_model
from dnt_core.tracking.fit_quality import fit_quality
from dnt_core.training.generator_command import train_with_progress
from dnt_core.workbook import clips_folder, get_profile


def with_truth(folder: Path) -> None:
    r"""The caches of a folder of the actor's: the true numbers in place of the reconstructed ones."""
    for clip in scan(folder):
        cache = read_face_cache(clip.face_cache)
        write_face_cache(clip.video, replace(cache, parameters=cache.truth_parameters))


def tracked(folder: Path, seed: int = 0) -> dict[str, dict[str, float]]:
    r"""The caches of a folder of the actor's: tracked numbers, no truth; means of the quality over clips."""
    rng, measured = np.random.default_rng(seed), {}
    for clip in scan(folder):
        cache = read_face_cache(clip.face_cache)
        size, model = cache.image_size[0], load_face_model(cache.face_model)
        noise = rng.normal(0, NOISE * size / 256, (len(cache), 68, 2))
        found = track(clip, cache.truth_parameters, noise, model, None)
        for stage, rows in found.items():
            quality = fit_quality(model, rows, cache.truth_parameters, size)
            measured.setdefault(stage, []).append(quality.to_dict())
        plain = replace(
            cache, parameters=found["pixels"], source="tracked", landmarks=None,
            truth_parameters=None, speech_expression=None, truth_intensity=None,
        )  # fmt: skip
        write_face_cache(clip.video, plain)
    return {stage: averaged(many) for stage, many in measured.items()}


def main() -> None:
    r"""Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=64, help="px")
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=Path("runs") / "track_and_train")
    parser.add_argument("--out", type=Path, default=Path("track_and_train.json"))
    asked = parser.parse_args()
    source = clips_folder(get_profile("quick"), actors=("M003",), clips_per_cell=1)
    record = {
        "command": f"python -m benchmarks.track_and_train --size {asked.size} --steps {asked.steps} "
        f"--seed {asked.seed}",
        "data": "the built-in actor's quick film, 22 clips of M003; landmarks with 3 px of 256 of noise",
    }
    for name in ("truth", "tracked"):
        folder = asked.work / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder, ignore=lambda _, names: [n for n in names if n.startswith(".")])
        start = time.process_time()
        if name == "tracked":
            record["track"] = tracked(folder, asked.seed)
        else:
            with_truth(folder)
        weights = asked.work / f"generator_{name}.safetensors"
        shutil.rmtree(weights.with_suffix(""), ignore_errors=True)  # a training would go on there
        trained = train_with_progress(
            "M003", folder, weights, "quick", steps=(asked.steps,), sizes=(asked.size,), seed=asked.seed
        )
        record[name] = {"cpu_seconds": round(time.process_time() - start), "weights": weights.name} | trained
        write_json(asked.out, record)


if __name__ == "__main__":
    main()
