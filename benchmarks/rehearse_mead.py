r"""A folder of MEAD's size, rehearsed: 670 clips by repetition, one tenth of the work measured.

MEAD has 670 clips of a person's front view (30 per expression and level, 40 neutral). This script lays the
actor's 22 clips out as so many, then scans them all, prepares every tenth for training (in two goes, as
after an interruption), opens as many prepared files as there would be, times training steps, and renders
the study's inputs of every tenth. What it measures is carried over to the whole, and to MEAD's four seconds
per clip, and goes to ``--out`` as JSON. ``--workers 2`` fits some of the study on so many workers of a Dask
cluster on this machine, and beside it here; ``--processes 2`` trains some steps by ``dnt train generator`` in
so many processes under ``torchrun``. What ``--out`` holds already of the same sizes is not done again, so
that one command with all flags goes on where it was stopped; flags may also be added later.

    python -m benchmarks.rehearse_mead --size 128 --out rehearse_mead.json --workers 2 --processes 2
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

from dnt_core.atomic_write import write_json
from dnt_core.clips import ClipIndex, face_cache_path, scan
from dnt_core.networks.generator import Generator
from dnt_core.plain_files import read_json
from dnt_core.studies import where_are_expressions as study
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_stages import RECIPES, hold_out
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.preprocessing import DataConfig, prepare_data
from dnt_core.workbook import clips_folder, get_profile

REPEATS, NEUTRAL = 30, 40
MEAD_SECONDS, MEAD_FPS = 4.0, 30


def megabytes() -> int:
    r"""Most memory that this process has held so far, MB."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux: getrusage counts in what the parent held when it started this process
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def megabytes_of_children() -> int:
    r"""Most memory that one process started and ended from here has held, MB; at least this one's."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def folder_bytes(folder: Path) -> int:
    r"""Of all files in it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def repeated(source: Path, target: Path) -> None:
    r"""Lays out every clip of ``source`` 30 (neutral: 40) times as links, in MEAD's layout."""
    for clip in scan(source):
        for number in range(1, (NEUTRAL if clip.expression == "neutral" else REPEATS) + 1):
            for path in (clip.video, clip.audio, face_cache_path(clip.video)):
                if path is None:
                    continue
                name = f"{number:03d}" + path.name[len(path.name.split(".")[0]) :]
                place = target / path.parent.relative_to(source) / name
                linked(path, place)


def linked(path: Path, place: Path) -> None:
    r"""The same file at a second place; a copy where disks differ."""
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, place)
        except OSError:
            shutil.copyfile(path, place)


def emptied(folder: Path) -> Path:
    r"""A folder without what a stopped run has left in it, which would be measured too cheap."""
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def timed(work) -> tuple[object, dict[str, float]]:
    r"""What ``work`` returns; its wall and processor seconds, and the memory held at most until then."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu, "peak_mb": megabytes()}
    return result, {key: round(value, 2) for key, value in took.items()}


def rehearse_training(index: ClipIndex, size: int, work: Path, every: int) -> dict:
    r"""Preparation of every tenth (``every``) clip, 670 prepared files opened, some steps."""
    clips, plan = list(index)[::every], DataConfig(image_size=size)
    prepared = emptied(work / "prepared")
    _, first = timed(lambda: prepare_data(clips[: len(clips) // 2], prepared, plan, jobs=1))
    stamps = {path: path.stat().st_mtime_ns for path in prepared.iterdir()}
    data, rest = timed(lambda: prepare_data(clips, prepared, plan, jobs=1))
    kept = all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())
    files = [data.files[i % len(clips)] for i in range(len(index))]
    whole, opened = timed(lambda: GeneratorData(list(index), files))
    recipe, held = RECIPES["quick"], hold_out(whole)
    plan = replace(recipe.stages[-1].plan, steps=6)
    training = GeneratorTraining(Generator(recipe.config), whole, held.train, held.tested, plan)
    _, steps = timed(lambda: list(training.run()))
    frames, disk = len(data), folder_bytes(prepared)
    return {
        "clips": len(clips), "frames": frames, "first_half": first, "second_half": rest,
        "first_half_kept": kept, "disk_mb": disk // 2**20, "open_670_files": opened, "six_steps": steps,
        "mb_per_frame": round(disk / frames / 2**20, 4),
        "cpu_s_per_frame": round((first["cpu_s"] + rest["cpu_s"]) / frames, 4),
    }  # fmt: skip


def study_inputs(index: ClipIndex, work: Path, every: int) -> study.StudyInputs:
    r"""The inputs of notebook 02 in its laptop sizes, of every tenth (``every``) clip."""
    sizes = study.SIZES["laptop"]
    every = min(every, REPEATS)  # the study needs a clip of every expression and level
    frames = study.labelled_frames(index[::every], sizes.frames_per_clip, 2)
    return study.make_inputs(frames, work / "inputs", sizes.inputs)


def rehearse_study(index: ClipIndex, work: Path, every: int) -> dict:
    r"""What the inputs of notebook 02 cost."""
    emptied(work / "inputs")
    inputs, took = timed(lambda: study_inputs(index, work, every))
    pictures = sum(array.nbytes for array in inputs.pictures.values())
    return took | {
        "frames": len(inputs.frames), "pictures_mb": pictures // 2**20,
        "disk_mb": folder_bytes(work / "inputs") // 2**20,
    }  # fmt: skip


def rehearse_cluster(index: ClipIndex, work: Path, every: int, workers: int) -> dict:
    r"""Two epochs of the study's fits on ``workers`` workers of a Dask cluster here, and in this process."""
    from distributed import Client, LocalCluster

    inputs = study_inputs(index, work, every)  # read, if they were made before
    what = study.CrossValidation(
        (study.WITH_TEXTURE[0], study.WITHOUT_TEXTURE[0]), ("type", "level"), folds=2,
        plan=replace(study.SIZES["laptop"].side, epochs=2),
    )  # fmt: skip
    places = emptied(work / "here"), emptied(work / "there")
    here, alone = timed(lambda: study.cross_validate(inputs, what, places[0], jobs=1))
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        there, took = timed(lambda: study.cross_validate(inputs, what, places[1], cluster=address))
        with Client(address, set_as_default=False) as client:
            held = list(client.run(megabytes).values())
    same = all(
        (a.probabilities == b.probabilities).all()
        for key, results in here.items()
        for a, b in zip(results, there[key], strict=True)
    )
    fits = sum(map(len, here.values()))
    return {
        "fits": fits,
        "here": alone,
        "workers": workers,
        "cluster": took,
        "workers_mb": held,
        "same": same,
    }


def rehearse_torchrun(index: ClipIndex, size: int, work: Path, every: int, processes: int) -> dict:
    r"""Six steps of ``dnt train generator`` in ``processes`` processes, on four of every tenth clip."""
    some = work / "some"
    for clip in list(index)[::every][:4]:
        for path in filter(None, (clip.video, clip.audio, face_cache_path(clip.video))):
            linked(path, some / path.relative_to(work / "clips"))
    out = emptied(work / "torchrun") / "generator.safetensors"
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}",
        "-m", "dnt_core", "train", "generator", "--actor", index[0].actor, "--data", some,
        "--profile", "quick", "--size", size, "--steps", 6, "--out", out,
    ]  # fmt: skip
    begun = time.perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"torchrun ended with {done.returncode}: {done.stderr[-2000:]}")
    return {
        "processes": processes, "wall_s": round(time.perf_counter() - begun, 1),
        "peak_mb_of_a_process": megabytes_of_children(), "disk_mb": folder_bytes(out.parent) // 2**20,
    }  # fmt: skip


def main() -> None:
    r"""Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=128, help="px of the training's frames")
    parser.add_argument("--every", type=int, default=10, help="measure every so many-th clip")
    parser.add_argument("--workers", type=int, default=0, help="of a Dask cluster here; 0: none")
    parser.add_argument("--processes", type=int, default=0, help="under torchrun; 0: none")
    parser.add_argument("--film", type=Path, help="the 22 clips to repeat; the actor's quick film by default")
    parser.add_argument("--work", type=Path, default=Path("runs") / "rehearse_mead")
    parser.add_argument("--out", type=Path, default=Path("rehearse_mead.json"))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    sizes = {"size": asked.size, "every": asked.every, "film": str(asked.film or "the actor's quick film")}
    record = read_json(asked.out) if asked.out.exists() else {}
    if {key: record.get(key) for key in sizes} != sizes:
        record = sizes
        emptied(asked.work)
    source = asked.film or clips_folder(get_profile("quick"), actors=("M003",), clips_per_cell=1)
    repeated(source, asked.work / "clips")
    index, scanned = timed(lambda: scan(asked.work / "clips"))
    record |= {"clips": len(index), "scan": scanned}
    parts = {
        "training": lambda: rehearse_training(index, asked.size, asked.work, asked.every),
        "study": lambda: rehearse_study(index, asked.work, asked.every),
    }
    if asked.workers:
        parts["cluster"] = lambda: rehearse_cluster(index, asked.work, asked.every, asked.workers)
    if asked.processes:
        parts["torchrun"] = lambda: rehearse_torchrun(
            index, asked.size, asked.work, asked.every, asked.processes
        )
    for name, part in parts.items():
        if name not in record:
            print(f"{name} …", flush=True)
            record[name] = part()
            write_json(asked.out, record)
    frames = len(index) * MEAD_SECONDS * MEAD_FPS
    tenth = record["training"]
    record["whole_of_mead"] = {
        "frames": int(frames),
        "prepare_cpu_hours": round(frames * tenth["cpu_s_per_frame"] / 3600, 2),
        "prepare_disk_gb": round(frames * tenth["mb_per_frame"] / 1024, 1),
    }
    write_json(asked.out, record)
    print(record)


if __name__ == "__main__":
    main()
