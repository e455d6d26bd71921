r"""``dnt run``: every notebook headless through papermill, its numbers in one file, a failure in one line."""

from __future__ import annotations

import ast
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dnt_core.atomic_write import write_json
from dnt_core.paths import repository_root, runs_folder
from dnt_core.profiles import Profile, get_profile
from dnt_core.workbook.metrics import METRICS_FILE, RESULT_FILE, collect_metrics
from dnt_core.workbook.notebook_lint import read_notebook

#: The parameters that every notebook has.
STANDARD_PARAMETERS = ("profile", "data_dir", "out_dir")

#: Called as ``progress(notebook, cell_number, n_cells)`` when a cell starts.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class NotebookOutcome:
    r"""How one notebook went: ``error`` is ``None`` or a sentence; ``cell`` counts committed cells from 1."""

    name: str
    seconds: float
    executed: str | None
    error: str | None = None
    cell: int | None = None
    recorded: bool = False


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
    profile: str = "quick",
    data_dir: str | Path | None = None,
    out_dir: str | Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    fail_fast: bool = False,
    folder: str | Path | None = None,
    progress: Progress | None = None,
    on_done: Callable[[NotebookOutcome], None] | None = None,
) -> SeriesReport:
    r"""Execute notebooks and collect their metrics.

    Args:
        wanted: numbers or names; all of the series when empty.
        profile: name of the profile.
        data_dir: MEAD-layout folder; the built-in actor when ``None``.
        out_dir: the run's folder; ``runs/<profile>`` of the repository when ``None``.
        parameters: further parameters, each given to the notebooks that have one of that name.
        timeout: seconds a cell may run; the profile's when ``None``.
        fail_fast: stop after the first notebook that fails instead of going on with the others.
        folder: where the notebooks lie.
        progress, on_done: called when a cell starts and when a notebook is done.

    Returns:
        The report, also written to ``report.json`` and ``metrics.json`` in the run's folder.

    Raises:
        ValueError: unknown profile or notebook, or a parameter that no notebook has.
        FileNotFoundError: no notebooks, or ``data_dir`` is no folder.
    """
    sizes = get_profile(profile)
    notebooks = select_notebooks(wanted, find_notebooks(folder))
    if data_dir is not None and not Path(data_dir).is_dir():
        raise FileNotFoundError(
            f"data folder {str(data_dir)!r} is not there; expected a folder in MEAD's layout"
        )
    out = (Path(out_dir) if out_dir else runs_folder() / sizes.name).resolve()
    values = {
        "profile": sizes.name,
        "data_dir": str(Path(data_dir).resolve()) if data_dir else "",
        "out_dir": str(out),
    }
    known = {path: _parameter_names(path) for path in notebooks}
    for name in parameters or {}:
        if not any(name in names for names in known.values()):
            raise ValueError(
                f"no chosen notebook has a parameter {name!r}; there are "
                f"{', '.join(sorted(set().union(*known.values()))) or 'none'}"
            )
    outcomes: list[NotebookOutcome] = []
    for path in notebooks:
        mine = values | {k: v for k, v in (parameters or {}).items() if k in known[path]}
        outcomes.append(_run_one(path, out, sizes, mine, known[path], timeout, progress))
        report = SeriesReport(sizes.name, out, outcomes, collect_metrics(out))
        write_json(out / METRICS_FILE, report.metrics)
        write_json(out / "report.json", {"profile": sizes.name, "notebooks": [asdict(o) for o in outcomes]})
        if on_done:
            on_done(outcomes[-1])
        if fail_fast and report.failed:
            break
    return report


def _run_one(
    path: Path,
    out: Path,
    profile: Profile,
    values: Mapping[str, Any],
    known: set[str],
    timeout: float | None,
    progress: Progress | None,
) -> NotebookOutcome:
    import papermill
    from papermill.exceptions import PapermillException, PapermillExecutionError

    from dnt_core.workbook.papermill_engine import ENGINE, INJECTED, NotebookStopped

    start = time.monotonic()
    own = out / path.stem
    own.mkdir(parents=True, exist_ok=True)
    (own / RESULT_FILE).unlink(missing_ok=True)
    executed = out / path.name
    missing = [name for name in STANDARD_PARAMETERS if name not in known]
    if missing:
        return NotebookOutcome(
            path.stem,
            0.0,
            None,
            f"{path.name}: its cell tagged `parameters` lacks "
            f"{', '.join(missing)}; expected {', '.join(STANDARD_PARAMETERS)}",
        )
    n_cells = len(read_notebook(path).cells)
    numbers: dict[int, int] = {}  # index in the executed notebook → number in the committed one
    last: list[Any] = [None]

    def on_cell(index: int, cell: Any) -> None:
        injected = INJECTED in cell.metadata.get("tags", [])
        numbers[index] = max(numbers.values(), default=0) + (not injected)
        last[0] = (numbers[index], cell.source)
        if progress:
            progress(path.stem, numbers[index], n_cells)

    def outcome(reason: str | None = None, cell: int | None = None, source: str = "") -> NotebookOutcome:
        if reason is not None and cell is not None:
            reason = f"{path.name}: cell {cell} of {n_cells}, `{_first_line(source)}`: {reason}"
        return NotebookOutcome(
            path.stem,
            round(time.monotonic() - start, 2),
            str(executed.relative_to(out)),
            reason,
            cell,
            (own / RESULT_FILE).exists(),
        )

    try:
        _quiet_papermill()
        papermill.execute_notebook(
            path,
            executed,
            dict(values),
            engine_name=ENGINE,
            kernel_name="python3",
            cwd=path.parent,
            progress_bar=False,
            on_cell=on_cell,
            kernel_log=own / "kernel.log",
            timeout=profile.cell_timeout if timeout is None else timeout,
        )
    except PapermillExecutionError as error:
        return outcome(f"{error.ename}: {_one_line(error.evalue)}", numbers[error.cell_index], error.source)
    except NotebookStopped as error:
        return outcome(str(error), *last[0])
    except (PapermillException, RuntimeError) as error:
        return outcome(f"{path.name}: its kernel did not start ({_one_line(str(error))})")
    return outcome()


def _parameter_names(path: Path) -> set[str]:
    """The names that the cell tagged ``parameters`` gives a value to, with or without a type."""
    cells = [c for c in read_notebook(path).cells if "parameters" in c.metadata.get("tags", [])]
    names: set[str] = set()
    for cell in cells[:1]:
        try:
            lines = ast.parse(cell.source).body
        except SyntaxError as error:
            raise ValueError(f"{path.name}: its cell tagged `parameters` is no Python ({error})") from error
        for line in lines:
            targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def _quiet_papermill() -> None:
    logging.getLogger("papermill").setLevel(logging.ERROR)


def _one_line(text: str, limit: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _first_line(source: str) -> str:
    return next((line.strip() for line in source.splitlines() if line.strip()), "")
