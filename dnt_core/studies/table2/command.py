r"""``dnt train table2``: films, judges, trainings, rows and the table, one after the other, all resumable."""

from __future__ import annotations

import multiprocessing
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from time import process_time
from typing import Any

import torch
from torch import nn
from tqdm.auto import tqdm

from dnt_core.assets import find_asset
from dnt_core.atomic_write import make_folder, write_json
from dnt_core.checkpoint import network_key
from dnt_core.clips import Clip
from dnt_core.networks.sync_network import SyncNetwork
from dnt_core.parallel import torch_threads
from dnt_core.paths import runs_folder
from dnt_core.plain_files import read_json
from dnt_core.studies.table2.cost import costs
from dnt_core.studies.table2.figures import figure7
from dnt_core.studies.table2.films import SIZES, FilmSizes, actor_clips, split_in_three, users_clips
from dnt_core.studies.table2.judges import Judges, judge_data
from dnt_core.studies.table2.methods import trained_method, trivial_methods, wav2lip_methods
from dnt_core.studies.table2.one_run import ROWS, expect_one_run, forget_rows_measured_otherwise
from dnt_core.studies.table2.results import FORMAT, Table2, film_to_json, rows_to_json
from dnt_core.studies.table2.row import Row, Tools, film_row, found_syncnet, measure_rows
from dnt_core.studies.table2.shipped import FACES_FILE, save_faces
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.studies.table2.trainings import Job, SharedData, TrainingPlan, run_job
from dnt_core.studies.table2.two_steps import SECOND_STEPS
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.generator_weights import load_generator
from dnt_core.training.sync_network import load_sync_network


@dataclass(frozen=True)
class Table2Run:
    r"""A folder in which the table is made, and what it is made from.

    Args:
        folder: for films, prepared clips, weights and rows.
        actor: whose face. profile: of sizes, see ``SIZES``.
        data: a user's clips instead of the built-in actor's; they are split in three.
        decoupling: name or file of f_d; "" for the actor's shipped one that keeps the speech.
        sync: file of a sync network; "" for none, and then no CSS.
        steps: of every training; None for the recipe's. seeds: of the four methods.

    Raises:
        ValueError: an unknown profile.
    """

    folder: Path
    actor: str = "M003"
    profile: str = "laptop"
    data: Path | None = None
    decoupling: str = ""
    sync: str = ""
    steps: int | None = None
    seeds: tuple[int, ...] = (0, 1, 2)
    progress: bool = True

    def __post_init__(self) -> None:
        if self.profile not in SIZES:
            raise ValueError(f"Table 2 has no profile {self.profile!r}; expected one of {', '.join(SIZES)}")

    @property
    def sizes(self) -> FilmSizes:
        r"""Of the films."""
        return SIZES[self.profile]

    @property
    def plan(self) -> TrainingPlan:
        r"""Of the trainings."""
        return TrainingPlan.of(self.profile, self.actor, self.steps, self.seeds)

    def clips(self, which: str) -> list[Clip]:
        r"""Clips of "train", "judges" or "test"."""
        if self.data is None:
            return actor_clips(self.actor, which, self.folder, self.sizes, self.progress)
        return self._users[which]

    @cached_property
    def _users(self) -> dict[str, list[Clip]]:
        return split_in_three(users_clips(Path(self.data), self.actor))

    def network(self) -> nn.Module:
        r"""f_d."""
        return load_decoupling_network(self.decoupling or f"{self.actor}_speech")

    def shared(self) -> SharedData:
        r"""What trains, prepared once."""
        size = self.sizes.image_size
        return SharedData(self.clips("train"), self.folder / "prepared", size, self.network(), self.progress)

    def test(self) -> TestClips:
        r"""What tests, prepared once."""
        size = self.sizes.image_size
        return TestClips(self.clips("test"), self.folder / "prepared", size, self.network(), self.progress)

    def judges(self) -> Judges:
        r"""The judges, fitted once and kept in ``judges.safetensors``."""
        path = self.folder / "judges.safetensors"
        if not path.exists():
            fit_judges(self).save(path)
        return Judges.load(path)

    def tools(self) -> Tools:
        r"""What a row is measured with."""
        return Tools(self.test(), self.judges(), self.sync_network(), found_syncnet())

    def untrained_methods(self) -> dict[str, Callable[[], Method]]:
        r"""The rows that need no training beside the first seed's: the trivial ones, and those whose first
        step is Wav2Lip's where its checkpoint is found."""
        first = Job("ours", self.seeds[0]).weights(self.folder)
        if not first.exists():
            return {}
        found = trivial_methods(self.shared(), load_generator(first)[0], self.plan)
        if find_asset("wav2lip"):
            found |= wav2lip_methods(self.folder, self.seeds[0])
        return found

    def sync_network(self) -> SyncNetwork | None:
        r"""The sync network that was named."""
        return load_sync_network(self.sync) if self.sync else None


def fit_judges(run: Table2Run) -> Judges:
    r"""Fits the judges to their own film."""
    data = judge_data(run.clips("judges"), run.folder / "prepared", run.sizes.image_size, run.progress)
    film = "the built-in actor, another seed" if run.data is None else "a third of what does not test"
    return Judges.fit(data, notes={"actor": run.actor, "film": film})


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
    """
    make_folder(run.folder)
    plan = run.plan
    wanted = chosen_jobs(plan, only)
    start = process_time()
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
    total = sum(map(run.plan.steps_of, wanted))
    with tqdm(total=total, desc="trainings", unit="step", disable=not run.progress) as bar:
        if jobs == 1:
            shared, at = run.shared(), {job.key: 0 for job in wanted}

            def tell(job: Job, step: int, steps: int) -> None:
                bar.set_postfix(training=job.key)
                bar.update(step - at[job.key])
                at[job.key] = step

            for job in wanted:
                run_job(job, run.plan, shared, run.folder, tell)
            return
        context = multiprocessing.get_context("spawn")
        with context.Pool(min(jobs, len(wanted))) as pool:
            pieces = [(replace(run, progress=False), job) for job in wanted]
            for job in pool.imap_unordered(_train_in_process, pieces, chunksize=1):
                bar.update(run.plan.steps_of(job))


def _train_in_process(piece: tuple[Table2Run, Job]) -> Job:
    run, job = piece
    torch.set_num_threads(1)
    run_job(job, run.plan, run.shared(), run.folder)
    return job


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
        "seeds": sorted({job.seed for job in done}),
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


def default_folder(profile: str) -> Path:
    r"""``runs/table2/<profile>``."""
    return runs_folder() / "table2" / profile
