r"""What a run of Table 2 is made from and measured with: clips, f_d, judges, sync network, in one folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from torch import nn

from dnt_core.assets import find_asset
from dnt_core.clips import Clip
from dnt_core.networks.sync_network import SyncNetwork
from dnt_core.paths import runs_folder
from dnt_core.studies.table2.films import SIZES, FilmSizes, actor_clips, split_in_three, users_clips
from dnt_core.studies.table2.judges import Judges, judge_data
from dnt_core.studies.table2.methods import trivial_methods, wav2lip_methods
from dnt_core.studies.table2.row import Tools, found_syncnet
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.studies.table2.trainings import Job, SharedData, TrainingPlan
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.generator_weights import load_generator
from dnt_core.training.preprocessing import with_a_face
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
        return split_in_three(with_a_face(users_clips(Path(self.data), self.actor)))

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


def default_folder(profile: str) -> Path:
    r"""``runs/table2/<profile>``."""
    return runs_folder() / "table2" / profile
