r"""What a notebook opens in its first lines: its profile, its folders, a place for numbers and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dnt_core.actor.profile_film import actor_folder
from dnt_core.paths import run_folder, user_path
from dnt_core.plain_files import read_json
from dnt_core.profiles import DEFAULT_PROFILE, Profile, get_profile
from dnt_core.workbook.claims import CLAIMS_FILE, Claim, ClaimTable, read_claims, record_claim
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

    def claim(
        self, name: str, sentence: str, value: Any, *,
        below: float | None = None, above: float | None = None, **more: Any,
    ) -> Claim:  # fmt: skip
        r"""State a claim beside the cell that measures it; shown, it says its verdict.

        Args:
            name: of the claim, as in :class:`~dnt_core.workbook.claims.Claim`.
            sentence: what is claimed.
            value: a number, None, or a measurement with ``mean``, ``interval`` and perhaps ``over``.
            below: the limit that the value should lie below; None where ``above`` is given.
            above: the limit that the value should lie above; None where ``below`` is given.
            more: the further fields of a claim: limit_name, interval, over, unit, baseline, control, whose,
                note. The numbers of baseline and control may be measurements, too.

        Raises:
            ValueError: not exactly one limit, or numbers that are not finite.
        """
        if (below is None) == (above is None):
            raise ValueError(f"claim {name}: give one of below and above")
        side, limit = ("above", float(above)) if below is None else ("below", float(below))
        more = {"interval": getattr(value, "interval", None), "over": getattr(value, "over", "")} | more
        if (pair := more["interval"]) is not None:
            more["interval"] = (float(pair[0]), float(pair[1]))
        for which in ("baseline", "control"):
            if (pair := more.get(which)) is not None:
                more[which] = (pair[0], _number(pair[1]))
        number = None if value is None else _number(value)
        claim = Claim(
            name, sentence, number, side, limit, notebook=self.name, profile=self.profile.name, **more
        )
        record_claim(claim, self.folder)
        return claim

    def claims(self) -> ClaimTable:
        r"""All claims of this notebook so far, as a table with their verdicts."""
        path = self.folder / CLAIMS_FILE
        return ClaimTable(read_claims(path) if path.exists() else [])

    def save_figure(self, figure: Figure, name: str, synthetic: bool | None = None) -> None:
        r"""Save ``figure`` as ``<out_dir>/figures/<name>.png``, marked where it shows the actor, whose clips
        may have been given as somebody's own, too.

        Args:
            figure: a matplotlib figure.
            name: of the file, without folder and suffix.
            synthetic: whether the figure shows the actor; None: if the notebook's data do.
        """
        from dnt_core.atomic_write import atomic_path
        from dnt_core.plotting import mark_synthetic

        if synthetic is None:
            synthetic = self.synthetic or _is_film(self.data_dir)
        if synthetic:
            mark_synthetic(figure)
        path = self.out_dir / "figures" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            figure.savefig(temporary, format="png")

    def __str__(self) -> str:
        p = self.profile
        data = "the built-in actor" if self.synthetic else f"clips in {self.data_dir.name}/"
        vertices = round(p.mesh_vertices, -2)  # the mesh made for this number has a few more or fewer
        return (
            f"{self.name} · profile {p.name}: {p.image_size} px, a face of about {vertices:,} vertices"
            f" · data: {data}"
        )


def _is_film(folder: Path) -> bool:
    r"""Whether ``dnt film`` made a folder, as its manifest says."""
    try:
        return read_json(folder / "manifest.json").get("made_by") == "dnt film"
    except (ValueError, OSError):
        return False


def _number(value: Any) -> float:
    r"""A number, or the mean of a measurement."""
    mean = getattr(value, "mean", None)
    return float(value if mean is None or callable(mean) else mean)


def open_notebook(
    name: str, profile: str = DEFAULT_PROFILE, data_dir: str = "", out_dir: str = ""
) -> NotebookSession:
    r"""Open a notebook's session from its three parameters.

    Args:
        name: the notebook's stem.
        profile: name of a profile. Of ``quick``, which the notebooks hold, nobody can say that it was chosen,
            so ``DNT_PROFILE`` replaces it (``dnt run`` sets the variable to the profile it was asked for).
        data_dir: MEAD-layout folder, or ``""`` for the built-in actor's clips in ``runs/data/<profile>``.
        out_dir: the run's folder, or ``""`` for ``runs/<profile>``.

    Raises:
        ValueError: unknown profile.
        FileNotFoundError: ``data_dir`` is given and is no folder.
    """
    chosen = get_profile(None if profile == DEFAULT_PROFILE else profile)
    out = run_folder(chosen.name, out_dir)
    data = user_path(data_dir) if data_dir else actor_folder(chosen)
    if data_dir and not data.is_dir():
        raise FileNotFoundError(
            f"data folder {str(data)!r} is not there; expected a folder in MEAD's layout, "
            "or nothing for the built-in actor"
        )
    return NotebookSession(name, chosen, data, out, synthetic=not data_dir)
