r"""``dnt train table2``: films, judges, trainings, rows and the table, one after the other, all resumable."""

from __future__ import annotations

import multiprocessing
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from threading import Thread
from time import process_time
from typing import Any

import torch
from tqdm.auto import tqdm

from dnt_core.atomic_write import make_folder, write_json
from dnt_core.checkpoint import network_key
from dnt_core.one_at_a_time import one_at_a_time
from dnt_core.parallel import torch_threads
from dnt_core.plain_files import read_json
from dnt_core.studies.table2.cost import costs
from dnt_core.studies.table2.figures import figure7
from dnt_core.studies.table2.methods import trained_method
from dnt_core.studies.table2.one_run import ROWS, expect_one_run, forget_rows_measured_otherwise
from dnt_core.studies.table2.results import FORMAT, Table2, film_to_json, rows_to_json
from dnt_core.studies.table2.row import Row, Tools, film_row, measure_rows
from dnt_core.studies.table2.run_inputs import Table2Run
from dnt_core.studies.table2.shipped import FACES_FILE, save_faces
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.studies.table2.trainings import Job, TrainingPlan, run_job
from dnt_core.studies.table2.two_steps import SECOND_STEPS


def make_table(
    run: Table2Run, out: Path | None = None, only: Sequence[str] = (), jobs: int = 2
) -> dict[str, float]:
    r"""Trains what is missing, measures what is missing, writes the table; stopped, it goes on where it was.

    Args:
        run: the folder and its sizes.
        out: of the results; None for ``table2.json`` in the folder.
        only: keys of trainings, such as "ours_0", or methods; none: all.
        jobs: trainings side by side, each in a process of its own with one thread.

    Returns:
        the flat metrics of all that is there.

    Raises:
        ValueError: a name in ``only`` that is no training, a folder with the table of another run.
        BlockingIOError: another process makes the table in the same folder.
    """
    wanted = chosen_jobs(run.plan, only)
    run.sync_network()  # a wrong file is told before hours of training
    with one_at_a_time(make_folder(run.folder), "another `dnt train table2`"):
        return _made(run, wanted, out, jobs)


def _made(run: Table2Run, wanted: Sequence[Job], out: Path | None, jobs: int) -> dict[str, float]:
    plan, start = run.plan, process_time()
    shared, test = run.shared(), run.test()  # before the processes, which would each prepare the same clips
    expect_one_run(
        run.folder, plan, run.sizes.image_size, train=shared.decoupled.key, test=test.decoupled.key
    )
    run.judges()
    _add_cpu(run.folder, process_time() - start)
    missing = [job for job in wanted if not job.weights(run.folder).exists()]
    if missing:
        train_side_by_side(run, missing, jobs)
    done = [job for job in plan.jobs() if job.weights(run.folder).exists()]
    with torch_threads(1):
        tools, untrained = run.tools(), run.untrained_methods()
        heard_by = "" if tools.sync is None else network_key(tools.sync)
        forget_rows_measured_otherwise(run.folder, heard_by, tools.syncnet is not None)
        rows = measure_all(run, done, untrained, tools)
        record = write_table(run, done, untrained, tools, rows, out or run.folder / "table2.json")
    return Table2.read(record).flat()


def chosen_jobs(plan: TrainingPlan, only: Sequence[str]) -> list[Job]:
    r"""Trainings by key or by method; ValueError for a name that is neither."""
    jobs = plan.jobs()
    unknown = [name for name in only if not any(name in (job.key, job.method) for job in jobs)]
    if unknown:
        known = ", ".join(job.key for job in jobs)
        raise ValueError(f"there is no training {unknown[0]!r}; expected a method or one of {known}")
    return [job for job in jobs if not only or job.key in only or job.method in only]


def train_side_by_side(run: Table2Run, wanted: Sequence[Job], jobs: int) -> None:
    r"""Runs trainings, ``jobs`` at once, each in its own process; with 1, in this one."""
    total, at = sum(map(run.plan.steps_of, wanted)), dict.fromkeys(wanted, 0)
    with tqdm(total=total, desc="trainings", unit="step", disable=not run.progress) as bar:

        def tell(job: Job, step: int, steps: int) -> None:
            bar.set_postfix(training=job.key, refresh=False)
            bar.update(step - at[job])
            at[job] = step

        if jobs == 1:
            shared = run.shared()
            for job in wanted:
                run_job(job, run.plan, shared, run.folder, tell)
            return
        context = multiprocessing.get_context("spawn")
        told = context.SimpleQueue()

        def hear() -> None:
            for step in iter(told.get, None):
                tell(*step)

        with context.Pool(min(jobs, len(wanted)), _tell_by, (told,)) as pool:
            hearing = Thread(target=hear, daemon=True)
            hearing.start()
            quiet = replace(run, progress=False)
            for _ in pool.imap_unordered(_train_in_process, [(quiet, job) for job in wanted]):
                pass
            told.put(None)
            hearing.join()


def _tell_by(told: SimpleQueue) -> None:
    global _told
    _told = told


def _train_in_process(piece: tuple[Table2Run, Job]) -> None:
    run, job = piece
    torch.set_num_threads(1)
    run_job(job, run.plan, run.shared(), run.folder, lambda *step: _told.put(step))


def measure_all(
    run: Table2Run, done: Sequence[Job], untrained: dict[str, Callable[[], Method]], tools: Tools
) -> dict[str, list[Row]]:
    r"""Every finished training's row and the trivial ones, kept one file per row in ``rows/``."""
    folder = run.folder / ROWS
    makers = {
        job.key: partial(trained_method, job, run.folder)
        for job in done
        if job.method not in SECOND_STEPS or Job("ours", job.seed) in done
    }
    names = {key: key.rsplit("_", 1)[0] for key in makers}
    makers, names = makers | untrained, names | {name: name for name in untrained}
    missing = {key: make() for key, make in makers.items() if not (folder / f"{key}.json").exists()}
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        total, title = len(tools.clips.clips), f"{len(missing)} rows"
        with tqdm(total=total, desc=title, unit="clip", disable=not run.progress) as bar:
            for key, row in measure_rows(missing, tools, bar.update).items():
                write_json(folder / f"{key}.json", film_to_json(row))
    found: dict[str, list[Row]] = {}
    for key, name in names.items():
        found.setdefault(name, []).append(_read_row(folder / f"{key}.json"))
    return found


def _read_row(path: Path) -> Row:
    row = read_json(path)
    return {name: [float("nan") if x is None else x for x in values] for name, values in row.items()}


def write_table(
    run: Table2Run, done: Sequence[Job], untrained: dict[str, Callable[[], Method]], tools: Tools,
    rows: dict[str, list[Row]], out: Path,
) -> Path:  # fmt: skip
    r"""Writes everything that the notebook shows."""
    film = film_row(tools)
    seconds = {job.key: read_json(run.folder / f"{job.key}.json")["cpu_seconds"] for job in done}
    plan = run.plan
    changed = f" --steps {plan.plan.steps}" + (" --data DIR" if run.data else "")
    changed += f" --sync {Path(run.sync).name}" if run.sync else ""
    record: dict[str, Any] = {
        "format": FORMAT,
        "command": f"dnt train table2 --actor {run.actor} --profile {run.profile}{changed}",
        "actor": run.actor,
        "profile": run.profile,
        "data": "the built-in synthetic actor" if run.data is None else "the user's clips",
        "sizes": asdict(run.sizes) if run.data is None else None,
        "steps": plan.plan.steps,
        "second_steps": plan.steps_of(Job(SECOND_STEPS[0])),
        "batch_size": plan.plan.batch_size,
        "seeds": list(dict.fromkeys(job.seed for job in done)),
        "machine": f"{platform.machine()}, 1 thread per training",
        "torch": torch.__version__,
        "cpu_seconds": {**seconds, "shared": read_json(run.folder / "shared.json")["cpu_seconds"]},
        "judges": tools.judges.notes,
        "cost": costs(run.folder, done, untrained, tools.clips),
        "clips": [clip.name for clip in tools.clips.clips],
        "rows": rows_to_json(rows),
        "film_says": film_to_json(film),
    }
    write_json(out, record)
    if run.data is None and Job("ours", run.seeds[0]) in done:
        keep_faces(run, done, tools.clips)
    return out


def keep_faces(run: Table2Run, done: Sequence[Job], clips: TestClips) -> None:
    r"""Figure 7's crops of the first seed of every method, in ``figure7.npz`` of the folder."""
    first = [job for job in done if job.seed == run.seeds[0]]
    methods = {job.method: trained_method(job, run.folder) for job in first}
    save_faces(run.folder / FACES_FILE, figure7(clips, methods))


def _add_cpu(folder: Path, seconds: float) -> None:
    path = folder / "shared.json"
    before = read_json(path)["cpu_seconds"] if path.exists() else 0.0
    write_json(path, {"cpu_seconds": round(before + seconds, 2)})
