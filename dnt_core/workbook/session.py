r"""What a notebook opens in its first lines: its profile, its folders, a place for numbers and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dnt_core.actor.profile_film import actor_folder
from dnt_core.paths import run_folder
from dnt_core.profiles import Profile, get_profile
from dnt_core.workbook.metrics import record_metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class NotebookSession:
    r"""A running notebook's profile and folders.

    Args:
        name: the notebook's stem.
        profile: sizes of this run.
        data_dir: MEAD-layout folder with the clips; ``clips_folder`` films the actor into it.
        out_dir: the run's folder, ``runs/<profile>`` by default.
        synthetic: the clips come from the built-in actor, and figures say so.
    """

    name: str
    profile: Profile
    data_dir: Path
    out_dir: Path
    synthetic: bool

    @property
    def folder(self) -> Path:
        r"""This notebook's own folder in the run, made on first use."""
        path = self.out_dir / self.name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def record(self, metrics: Mapping[str, float] | None = None, /, **named: float) -> None:
        r"""Record metrics of this notebook, from a mapping (names may hold dots), by keyword, or both.

        Args:
            metrics: name → number; names may hold dots.
            named: the same by keyword.
        """
        record_metrics(self.name, {**(metrics or {}), **named}, self.out_dir)

    def save_figure(self, figure: Figure, name: str) -> None:
        r"""Save ``figure`` as ``<out_dir>/figures/<name>.png``, marked where it shows the actor.

        Args:
            figure: a matplotlib figure.
            name: of the file, without folder and suffix.
        """
        from dnt_core.atomic_write import atomic_path
        from dnt_core.plotting import mark_synthetic

        if self.synthetic:
            mark_synthetic(figure)
        path = self.out_dir / "figures" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            figure.savefig(temporary, format="png")

    def __str__(self) -> str:
        p = self.profile
        data = "the built-in actor" if self.synthetic else f"clips in {self.data_dir.name}/"
        return (
            f"{self.name} · profile {p.name}: {p.image_size} px, {p.mesh_vertices:,} vertices · data: {data}"
        )


def open_notebook(
    name: str, profile: str = "quick", data_dir: str = "", out_dir: str = ""
) -> NotebookSession:
    r"""Open a notebook's session from its three parameters.

    Args:
        name: the notebook's stem.
        profile: name of a profile; ``DNT_PROFILE`` overrides it.
        data_dir: MEAD-layout folder, or ``""`` for the built-in actor's clips in ``runs/data/<profile>``.
        out_dir: the run's folder, or ``""`` for ``runs/<profile>``.

    Raises:
        ValueError: unknown profile.
        FileNotFoundError: ``data_dir`` is given and is no folder.
    """
    chosen = get_profile(profile)
    out = run_folder(chosen.name, out_dir)
    data = Path(data_dir) if data_dir else actor_folder(chosen)
    if data_dir and not data.is_dir():
        raise FileNotFoundError(
            f"data folder {data_dir!r} is not there; expected a folder in MEAD's layout, "
            "or nothing for the built-in actor"
        )
    return NotebookSession(name, chosen, data, out, synthetic=not data_dir)
