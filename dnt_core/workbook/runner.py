r"""``dnt run``: every notebook headless through papermill, its numbers in one file, a failure in one line."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from joblib import cpu_count  # those that a container or a scheduler allows

from dnt_core.atomic_write import make_folder, write_json, write_text
from dnt_core.one_at_a_time import one_at_a_time
from dnt_core.paths import repository_root, run_folder, user_path
from dnt_core.profiles import PROFILE_VARIABLE, Profile, get_profile
from dnt_core.workbook.claims_page import claims_of_run, claims_page
from dnt_core.workbook.metrics import METRICS_FILE, RESULT_FILE, collect_metrics
from dnt_core.workbook.notebook_lint import read_notebook
from dnt_core.workbook.one_notebook import (
    NotebookOutcome,
    Progress,
    code_of,
    parameter_names,
    run_notebook,
)
from dnt_core.workbook.run_order import expected_seconds, next_notebook
from dnt_core.workbook.run_record import (
    REPORT_FILE,
    fingerprint,
    finished_outcome,
    mark_finished,
    told_before,
)

OPTIONS = {"profile": "profile", "data_dir": "data", "out_dir": "out"}  # of dnt run, for three parameters
FILMS = "clips_folder("  # a notebook whose code says so films the actor into the folder that all share
MOST_SIDE_BY_SIDE = 4  # each kernel needs about 1.5 GB


@dataclass(frozen=True)
class SeriesReport:
    r"""How a series went, with the metrics of the whole run folder."""

    profile: str
    out_dir: Path
    outcomes: list[NotebookOutcome]
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def failed(self) -> list[NotebookOutcome]:
        return [o for o in self.outcomes if o.error]


def find_notebooks(folder: str | Path | None = None) -> list[Path]:
    r"""The series ``NN_name.ipynb`` in order, from ``folder`` or the repository's ``notebooks/``.

    Raises:
        FileNotFoundError: there is none.
    """
    folder = Path(folder) if folder else repository_root() / "notebooks"
    found = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise FileNotFoundError(
            f"no notebook named like 01_title.ipynb in {folder}; run from inside the repository"
        )
    return found


def select_notebooks(wanted: Sequence[str], available: Sequence[Path]) -> list[Path]:
    r"""Those of ``available`` named by number (``2`` or ``02``), stem, file name or path, in series order.

    Raises:
        ValueError: a name fits none of them.
    """
    chosen = set()
    for name in wanted:
        stem = Path(name).stem
        fits = [p for p in available if p.stem == stem or (stem.isdigit() and int(p.stem[:2]) == int(stem))]
        if not fits:
            raise ValueError(
                f"there is no notebook {name!r}; there are {', '.join(p.stem for p in available)}"
            )
        chosen.update(fits)
    return [p for p in available if p in chosen] if wanted else list(available)


def run_series(
    wanted: Sequence[str] = (),
    *,
    profile: str | None = None,
    data_dir: str | Path | None = None,
    out_dir: str | Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    fail_fast: bool = False,
    folder: str | Path | None = None,
    progress: Progress | None = None,
    on_done: Callable[[NotebookOutcome], None] | None = None,
    on_bar: Callable[[str, str], None] | None = None,
    jobs: int | None = 1,
    fresh: bool = True,
) -> SeriesReport:
    r"""Execute notebooks and collect their metrics.

    Args:
        wanted: numbers or names; all of the series when empty.
        profile: name of the profile; None: see :func:`~dnt_core.profiles.get_profile`.
        data_dir: MEAD-layout folder; the built-in actor when ``None``.
        out_dir: the run's folder; ``runs/<profile>`` of the repository when ``None``.
        parameters: further parameters, each given to the notebooks that have one of that name; a text that
            names a file from here becomes its whole path, because notebooks run in a folder of their own.
        timeout: seconds a cell may run; the profile's when ``None``.
        fail_fast: stop after the first notebook that fails instead of going on with the others.
        folder: where the notebooks lie.
        progress, on_done: called when a cell starts and when a notebook is done.
        on_bar: called as ``on_bar(notebook, text)`` when a notebook's own progress bar moves.
        jobs: notebooks side by side, the cores shared among them; None: as many as :func:`side_by_side` says.
        fresh: False leaves out a notebook that an earlier run into the same folder has finished with the same
            code, parameters, weights and clips; one that was stopped in its middle runs again from its start.

    Returns:
        The report, also written to ``report.json`` and ``metrics.json`` in the run's folder, beside what
        earlier runs of the same profile told there of other notebooks, with the notebooks' claims in
        ``claims.md``.

    Raises:
        ValueError: unknown profile or notebook, a parameter that no notebook has, or that another argument
            gives, or that JSON cannot hold; ``out_dir`` is the notebooks' own folder.
        FileNotFoundError: no notebooks, or ``data_dir`` is no folder.
        BlockingIOError: another process runs notebooks into the same folder.
    """
    sizes = get_profile(profile)
    notebooks = select_notebooks(wanted, find_notebooks(folder))
    if data_dir is not None and not user_path(data_dir).is_dir():
        raise FileNotFoundError(
            f"data folder {str(data_dir)!r} is not there; expected a folder in MEAD's layout"
        )
    out = run_folder(sizes.name, out_dir).resolve()
    values = {
        "profile": sizes.name,
        "data_dir": str(user_path(data_dir).resolve()) if data_dir else "",
        "out_dir": str(out),
    }
    if out == notebooks[0].parent.resolve():
        raise ValueError(f"--out {out} holds the notebooks themselves, which would be overwritten")
    known = {path: parameter_names(path) for path in notebooks}
    parameters = {name: _whole_path(value) for name, value in (parameters or {}).items()}
    for name in parameters:
        if name in values:
            raise ValueError(f"the parameter {name} is what --{OPTIONS[name]} gives, so -p takes no {name}")
        if not any(name in names for names in known.values()):
            raise ValueError(
                f"no chosen notebook has a parameter {name!r}; there are "
                f"{', '.join(sorted(set().union(*known.values()))) or 'none'}"
            )
        try:
            json.dumps(parameters[name])  # as papermill keeps it in the notebook
        except TypeError as error:
            raise ValueError(
                f"-p {name}={parameters[name]!r} cannot be kept in a notebook: {error}"
            ) from error
    make_folder(out)
    jobs = side_by_side(sizes, len(notebooks)) if jobs is None else jobs
    series = _Series(notebooks, out, sizes, values, parameters, known, jobs, fresh)
    with one_at_a_time(out, "another `dnt run`"):
        return series.run(timeout, fail_fast, progress, on_done, on_bar)


def _whole_path(value: Any) -> Any:
    try:
        path = Path(value).expanduser() if isinstance(value, str) else None
        return str(path.resolve()) if path and path.is_file() else value
    except (OSError, ValueError, RuntimeError):  # a text that can be no path
        return value


def side_by_side(profile: Profile, notebooks: int) -> int:
    r"""How many notebooks run at once: one per core (that this process may use) in the profiles of minutes;
    one where training takes hours and has the machine to itself.
    """
    quick = profile.pick(nbval=True, quick=True, laptop=False, paper=False)
    return max(1, min(notebooks, cpu_count(), MOST_SIDE_BY_SIDE)) if quick else 1


@dataclass(frozen=True)
class _Series:
    r"""The notebooks of one run, with what each is given."""

    notebooks: list[Path]
    out: Path
    sizes: Profile
    values: Mapping[str, Any]
    parameters: Mapping[str, Any]
    known: Mapping[Path, set[str]]
    jobs: int
    fresh: bool

    def run(self, timeout, fail_fast, progress, on_done, on_bar) -> SeriesReport:
        r"""Starts them as cores become free; a stop by the user ends those that run within a second."""
        by_name = {path.stem: path for path in self.notebooks}
        outcomes: dict[str, NotebookOutcome] = {}
        expected = expected_seconds(list(by_name), self.out / REPORT_FILE, self.sizes.name)
        earlier = told_before(self.out, self.sizes.name)
        films = (
            {n for n, path in by_name.items() if FILMS in code_of(path)}
            if not self.values["data_dir"]
            else set()
        )
        stop, running, begun = threading.Event(), {}, {}
        report = self._report(outcomes, earlier)

        def done(outcome: NotebookOutcome) -> None:
            nonlocal report
            outcomes[outcome.name] = outcome
            report = self._report(outcomes, earlier)
            write_json(self.out / METRICS_FILE, report.metrics)
            claims = claims_of_run(self.out, {*earlier, *outcomes})
            write_text(self.out / "claims.md", claims_page(claims, "."))
            told = {**earlier, **{o.name: asdict(o) for o in report.outcomes}}
            kept = {"profile": self.sizes.name, "notebooks": [told[name] for name in sorted(told)]}
            write_json(self.out / REPORT_FILE, kept)
            if on_done:
                on_done(outcome)

        def start(name: str) -> Future | None:
            path = by_name[name]
            if not self.fresh and (old := self._finished(path)) is not None:
                done(old)
                return None
            begun[name] = self._mark(path, clips=False)
            work = (
                path,
                self.out,
                self.sizes,
                self._mine(path),
                self.known[path],
                timeout,
                progress,
                on_bar,
                stop,
                {PROFILE_VARIABLE: self.sizes.name, **self._share()},
            )
            return pool.submit(run_notebook, *work)

        waiting = list(by_name)
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                while waiting or running:
                    filmed = any(n in films and not o.error for n, o in outcomes.items())
                    while len(running) < self.jobs and not (fail_fast and report.failed):
                        name = next_notebook(waiting, running, films, filmed, expected, self.jobs > 1)
                        if name is None:
                            break
                        waiting.remove(name)
                        if (future := start(name)) is not None:
                            running[name] = future
                    if not running:
                        break
                    wait(running.values(), timeout=1.0, return_when=FIRST_COMPLETED)
                    for name in [n for n, future in running.items() if future.done()]:
                        outcome = running.pop(name).result()
                        path = by_name[name]
                        if outcome.error is None and self._mark(path, clips=False) == begun[name]:
                            mark_finished(self.out / name, self._mark(path), asdict(outcome))
                        done(outcome)
            except BaseException:
                stop.set()
                raise
        return report

    def _mine(self, path: Path) -> dict[str, Any]:
        more = {k: v for k, v in self.parameters.items() if k in self.known[path]}
        return {**self.values, **more}

    def _mark(self, path: Path, clips: bool = True) -> str:
        """Its fingerprint, with or without the clips' files, to which a notebook may add as it runs."""
        data_dir = self.values["data_dir"] if clips else ""
        return fingerprint(read_notebook(path).cells, self._mine(path), data_dir)

    def _finished(self, path: Path) -> NotebookOutcome | None:
        found = finished_outcome(self.out / path.stem, self._mark(path))
        try:
            outcome = replace(NotebookOutcome(**found), reused=True) if found else None
        except TypeError:  # noted by another version
            return None
        there = outcome and (self.out / outcome.executed).exists()
        results = there and (self.out / path.stem / RESULT_FILE).exists()
        return outcome if there and results == outcome.recorded else None

    def _share(self) -> dict[str, str]:
        """The environment of a kernel that shares the cores with others."""
        if self.jobs == 1:
            return {}
        mine = str(max(1, cpu_count() // self.jobs))
        return {n: os.environ.get(n) or mine for n in ("OMP_NUM_THREADS", "LOKY_MAX_CPU_COUNT")}

    def _report(self, outcomes: Mapping[str, NotebookOutcome], earlier: Collection[str]) -> SeriesReport:
        """Of these and of earlier ones of the same profile; another profile's in the same folder are none."""
        ordered = [outcomes[p.stem] for p in self.notebooks if p.stem in outcomes]
        metrics = collect_metrics(self.out, {*earlier, *outcomes})
        return SeriesReport(self.sizes.name, self.out, ordered, metrics)
