r"""What tracking costs the generator, and whether its type and levels are still read: true against tracked.

Table 2's films of M003 are taken three times: with the numbers that the film records (a reconstruction's
errors included), with the true ones, and tracked from the pixels and from landmarks with 3 px of 256 of
noise, without the truth, with one identity that the training's landmarks tell. Table 2's method "ours" is
trained on the true and on the tracked numbers, with the same seeds and clips. These and the shipped generator
of the same size draw the test film, from each kind of numbers. Table 2's shipped judges, which saw another
film, read type and level from what is drawn, and a regression fitted to the filmed training frames reads the
intensity; where the face is, all are told by the truth. Beside them: the film itself and the mean face. The
record goes to ``--out`` as JSON.

    python -m benchmarks.track_and_train --steps 1600 --seeds 0 1 --out docs/track_and_train.json
"""

from __future__ import annotations

import argparse
import math
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.measure_tracking import NOISE, averaged, marks_of, track
from dnt_core.atomic_write import write_json
from dnt_core.clips import Clip, FaceCache, read_face_cache, scan, write_face_cache
from dnt_core.face3d import PerspectiveCamera, load_face_model
from dnt_core.metrics.image_metrics import drawn_by, mean_face, spread
from dnt_core.metrics.intensity_meter import IntensityMeter, face_texels, fit_meter
from dnt_core.metrics.intervals import clip_interval, paired_interval
from dnt_core.paths import weights_folder
from dnt_core.plain_files import read_json
from dnt_core.studies.table2.methods import trained_method
from dnt_core.studies.table2.row import EVERY, ClipJudge, Tools
from dnt_core.studies.table2.run_inputs import Table2Run
from dnt_core.studies.table2.shipped import shipped_judges
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.studies.table2.trainings import Job, SharedData, run_job
from dnt_core.tracking import OWN_LANDMARKS
from dnt_core.tracking.fit_quality import fit_quality
from dnt_core.tracking.one_person import fit_person
from dnt_core.training.generator_weights import load_generator

SHIPPED = "generator_M003_128.safetensors"
READ = ("psnr", "psnr_mouth", "ce_type", "ce_level", "intensity_error")


def with_truth(folder: Path) -> None:
    r"""The caches of a folder of the actor's: the true numbers in place of the reconstructed ones."""
    for clip in scan(folder):
        cache = read_face_cache(clip.face_cache)
        write_face_cache(clip.video, replace(cache, parameters=cache.truth_parameters))


def seen_clips(folder: Path, seed: int = 0) -> Iterator[tuple[Clip, FaceCache, np.ndarray]]:
    r"""The clips of a folder of the actor's, their caches, and the noise of their landmarks, px."""
    rng = np.random.default_rng(seed)
    for clip in scan(folder):
        cache = read_face_cache(clip.face_cache)
        yield clip, cache, rng.normal(0, NOISE * cache.image_size[0] / 256, (len(cache), 68, 2))


def person_in(folder: Path) -> np.ndarray:
    r"""(80,) the identity of the person in a folder of the actor's, as ``dnt track`` finds it."""
    model, clips = load_face_model("procedural"), []
    for _, cache, noise in seen_clips(folder):
        camera = PerspectiveCamera(cache.image_size[0])
        clips.append((marks_of(model, camera, cache.truth_parameters) + noise, camera))
    return fit_person(model, clips, OWN_LANDMARKS)


def tracked(folder: Path, identity: np.ndarray) -> dict[str, dict[str, float]]:
    r"""The caches of a folder of the actor's: tracked numbers, no truth; means of the quality over clips."""
    measured = {}
    for clip, cache, noise in seen_clips(folder):
        size, model = cache.image_size[0], load_face_model(cache.face_model)
        found = track(clip, cache.truth_parameters, noise, model, identity)
        for stage, rows in found.items():
            quality = fit_quality(model, rows, cache.truth_parameters, size)
            measured.setdefault(stage, []).append(quality.to_dict())
        plain = replace(
            cache, parameters=found["pixels"], source="tracked", landmarks=None,
            truth_parameters=None, speech_expression=None, truth_intensity=None,
        )  # fmt: skip
        write_face_cache(clip.video, plain)
        print(clip.name, flush=True)
    return {stage: averaged(many) for stage, many in measured.items()}


def read_clip(pictures: torch.Tensor, judge: ClipJudge, meter: IntensityMeter) -> dict[str, float]:
    r"""What is read from one clip as it was drawn, (T, 3, S, S); NaN for a neutral clip's level."""
    clip, some = judge.tools.clips.clips[judge.clip], pictures[::EVERY]
    row = judge.measure(pictures) | {"intensity": math.nan, "intensity_error": math.nan}
    if clip.expression != "neutral":
        row["intensity"] = float(meter(face_texels(some, judge.some.frame), clip.expression).mean())
        row["intensity_error"] = abs(row["intensity"] - clip.intensity)
    return row


def main() -> None:
    r"""Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--work", type=Path, default=Path("runs") / "track_and_train")
    parser.add_argument("--out", type=Path, default=Path("track_and_train.json"))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    seeds = tuple(asked.seeds)
    run = Table2Run(asked.work, steps=asked.steps, seeds=seeds)
    network, size = run.network(), run.sizes.image_size
    record = {
        "command": f"python -m benchmarks.track_and_train --steps {asked.steps} --seeds "
        + " ".join(map(str, seeds)),
        "data": "Table 2's films of M003; landmarks with 3 px of 256 of noise", "track": {}, "rows": {},
    }  # fmt: skip
    run.clips("train")
    person = person_in(asked.work / "film_train")  # the test's clips are of the same person
    tests, trains = {}, {}
    kinds = {"recorded": None, "truth": with_truth, "tracked": partial(tracked, identity=person)}
    for name, change in kinds.items():
        for which in ("train", "test"):
            run.clips(which)
            place, part = asked.work / name / which, asked.work / name / f"{which}.part"
            noted = asked.work / name / f"{which}.json"
            if not place.exists():
                shutil.rmtree(part, ignore_errors=True)
                shutil.copytree(asked.work / f"film_{which}", part, ignore=shutil.ignore_patterns(".*"))
                write_json(noted, (change and change(part)) or {})
                part.rename(place)
            if name == "tracked":
                record["track"][which] = read_json(noted)
        prepared = asked.work / name / "prepared"
        tests[name] = TestClips(list(scan(asked.work / name / "test")), prepared, size, network)
        if change:
            trains[name] = SharedData(list(scan(asked.work / name / "train")), prepared, size, network)
    whole = trains["truth"].decoupled
    meter = fit_meter(whole, np.arange(len(whole)))
    tools = Tools(tests["truth"], shipped_judges("M003"))
    shipped = Method(drawn_by(load_generator(weights_folder() / SHIPPED)[0]))
    drawn = {f"shipped, {name}": [(shipped, name)] for name in tests}
    drawn["mean face"] = [(Method(mean_face(whole, spread(np.arange(len(whole)), 400))), "truth")]
    for name, data in trains.items():
        for job in (Job("ours", seed) for seed in seeds):
            run_job(job, run.plan, data, asked.work / name)
        drawn[f"trained, {name}"] = [
            (trained_method(Job("ours", seed), asked.work / name), name) for seed in seeds
        ]
    tables = {name: [] for name in ("film", *drawn)}
    intensities = [clip.intensity for clip in tools.clips.clips]
    for clip in range(len(tools.clips.clips)):
        judge = ClipJudge(tools, clip)
        tables["film"].append([read_clip(judge.film.target, judge, meter)])
        for name, ways in drawn.items():
            tables[name].append(
                [read_clip(tests[kind].draw(method, clip), judge, meter) for method, kind in ways]
            )
    table = {
        name: {
            key: np.array([[row[key] for row in rows] for rows in clips]).T for key in (*READ, "intensity")
        }
        for name, clips in tables.items()
    }  # each (seeds, clips)
    for name, rows in table.items():
        shown = ~np.isnan(rows["intensity"][0])
        record["rows"][name] = {
            key: [round(x, 4) for x in clip_interval(rows[key])]
            for key in READ if np.isfinite(rows[key]).any()
        } | {"intensity_correlation": round(
            float(np.mean([np.corrcoef(one[shown], np.array(intensities)[shown])[0, 1]
                           for one in rows["intensity"]])), 4)}  # fmt: skip
    true = np.array([x for x, clip in zip(intensities, tools.clips.clips, strict=True)
                     if clip.expression != "neutral"])  # fmt: skip
    record["per_seed"] = {
        name: {key: np.nanmean(rows[key], axis=1).round(4).tolist() for key in READ if key in rows}
        for name, rows in table.items() if name.startswith("trained")
    }  # fmt: skip
    record["trivial"] = {
        "ce_type": round(math.log(8), 4), "ce_level": round(math.log(3), 4),
        "intensity_error": round(float(np.abs(true - true.mean()).mean()), 4),
    }  # fmt: skip
    record["tracked_less_truth"] = {
        who: {
            key: [round(x, 4) for x in
                  paired_interval(table[f"{who}, tracked"][key], table[f"{who}, truth"][key])]
            for key in READ
        }
        for who in ("shipped", "trained")
    }  # fmt: skip
    write_json(asked.out, record)
    print(record)


if __name__ == "__main__":
    main()
