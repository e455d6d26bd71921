r"""The table that a notebook shows: the shipped one, or, where none is, a tiny one made on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from dnt_core.networks.sync_network import SyncNetwork
from dnt_core.paths import runs_folder, weights_folder
from dnt_core.studies.table2.command import make_table
from dnt_core.studies.table2.films import SIZES, FilmSizes
from dnt_core.studies.table2.judges import Judges
from dnt_core.studies.table2.methods import trained_method
from dnt_core.studies.table2.results import Table2
from dnt_core.studies.table2.run_inputs import Table2Run
from dnt_core.studies.table2.shipped import FACES_FILE, FOLDER, read_faces, shipped_judges, shipped_sync
from dnt_core.studies.table2.test_clips import Method
from dnt_core.studies.table2.trainings import Job
from dnt_core.training.sync_network import load_sync_network, save_sync_network, untrained_network

TINY_STEPS = 30


@dataclass(frozen=True)
class OpenedTable:
    r"""A table with what belongs to it.

    Attributes:
        table: the numbers. shipped: False: made just now, and too small to say anything.
        folder: of weights and of figure 7's crops.
        judges: classifiers and lip reader. sync: the sync network; untrained in a tiny table.
    """

    table: Table2
    shipped: bool
    folder: Path
    judges: Judges
    sync: SyncNetwork

    @property
    def sizes(self) -> FilmSizes:
        r"""Of the films that the table was made on."""
        return SIZES[self.table.notes["profile"]]

    @property
    def films(self) -> Path:
        r"""Folder of the test film and of what is prepared of it; ``dnt evaluate`` keeps them there, too."""
        return runs_folder() / "table2" / "evaluate" if self.shipped else self.folder

    def methods(self) -> dict[str, Method]:
        r"""The methods of the first seed whose weights are there, by name; ours first."""
        jobs = [Job(method, self.table.notes["seeds"][0]) for method in sorted(self.table.rows)]
        jobs = [job for job in jobs if job.weights(self.folder).is_file()]
        jobs.sort(key=lambda job: job.method != "ours")
        return {job.method: trained_method(job, self.folder) for job in jobs}

    def faces(self) -> dict[str, list[Tensor]]:
        r"""Figure 7's crops by method, "film" first."""
        return read_faces(self.folder / FACES_FILE)


def open_table() -> OpenedTable:
    r"""The shipped table with its judges and weights, or a tiny one in ``runs/table2/tiny``."""
    try:
        table = Table2.read(weights_folder() / "table2.json")
        actor = table.notes["actor"]
        judges, sync = shipped_judges(actor), shipped_sync(actor)
    except FileNotFoundError:
        judges = sync = None
    if judges is not None and sync is not None:
        return OpenedTable(table, True, weights_folder() / FOLDER, judges, sync)
    return make_tiny(runs_folder() / "table2" / "tiny")


def make_tiny(folder: Path, progress: bool = True) -> OpenedTable:
    r"""Six trainings of :data:`TINY_STEPS` steps at 48 px, measured with an untrained sync network: it shows
    the way that the numbers go, and nothing else."""
    file = folder / "sync.safetensors"
    if not file.exists():
        save_sync_network(file, untrained_network(), {"command": "untrained"})
    run = Table2Run(folder, profile="nbval", sync=str(file), steps=TINY_STEPS, seeds=(0,), progress=progress)
    make_table(run, jobs=1)
    table = Table2.read(folder / "table2.json")
    return OpenedTable(table, False, folder, run.judges(), load_sync_network(file))
