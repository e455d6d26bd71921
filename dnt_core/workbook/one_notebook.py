r"""One notebook executed headless through papermill, a failure in one line."""

from __future__ import annotations

import ast
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dnt_core.profiles import Profile
from dnt_core.workbook.claims import CLAIMS_FILE
from dnt_core.workbook.metrics import RESULT_FILE
from dnt_core.workbook.notebook_lint import leave_stills, read_notebook
from dnt_core.workbook.notebook_pairs import write_notebook
from dnt_core.workbook.run_record import forget_finished

#: The parameters that every notebook has.
STANDARD_PARAMETERS = ("profile", "data_dir", "out_dir")

#: Called as ``progress(notebook, cell_number, n_cells)`` when a cell starts, 0 when the notebook starts.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class NotebookOutcome:
    r"""How one notebook went: ``error`` is ``None`` or a sentence; ``cell`` counts committed cells from 1;
    ``reused``: an earlier run had finished it.
    """

    name: str
    seconds: float
    executed: str | None
    error: str | None = None
    cell: int | None = None
    recorded: bool = False
    reused: bool = False


def run_notebook(
    path: Path,
    out: Path,
    profile: Profile,
    values: Mapping[str, Any],
    known: set[str],
    timeout: float | None,
    progress: Progress | None,
    on_bar: Callable[[str, str], None] | None,
    stop: threading.Event,
    environment: Mapping[str, str],
) -> NotebookOutcome:
    r"""Executes ``path`` into the run's folder ``out``.

    Args:
        profile: gives the time limit of a cell where ``timeout`` is None.
        values: its parameters. known: names of the parameters that it has.
        progress, on_bar: as in :func:`~dnt_core.workbook.runner.run_series`.
        stop: once set, the notebook is stopped. environment: further variables of its kernel.
    """
    n_cells = len(read_notebook(path).cells)
    if progress:
        progress(path.stem, 0, n_cells)
    import papermill
    from papermill.exceptions import PapermillException, PapermillExecutionError

    from dnt_core.workbook.papermill_engine import ENGINE, INJECTED, NotebookStopped

    start = time.monotonic()
    own = out / path.stem
    own.mkdir(parents=True, exist_ok=True)
    for file in (RESULT_FILE, CLAIMS_FILE):
        (own / file).unlink(missing_ok=True)
    forget_finished(own)
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
            _braced(os.path.abspath(path)),  # a path that begins with a dash is standard input to papermill
            _braced(str(executed)),
            dict(values),
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",  # papermill asks for it where tools have stripped the metadata
            progress_bar=False,
            folder=path.parent,
            environment=environment,
            stop=stop,
            on_cell=on_cell,
            on_bar=on_bar and (lambda text: on_bar(path.stem, text)),
            kernel_log=own / "kernel.log",
            timeout=profile.cell_timeout if timeout is None else timeout,
        )
    except PapermillExecutionError as error:
        return outcome(f"{error.ename}: {_one_line(error.evalue)}", numbers[error.cell_index], error.source)
    except NotebookStopped as error:
        return outcome(str(error), *last[0])
    except (PapermillException, RuntimeError) as error:
        return outcome(f"{path.name}: its kernel did not start ({_one_line(str(error))})")
    finally:
        _leave_stills_in(executed)
    return outcome()


def _braced(path: str) -> str:
    """The path as papermill wants it, which fills parameters into what stands in braces."""
    return path.replace("{", "{{").replace("}", "}}")


def _leave_stills_in(executed: Path) -> None:
    """Of a notebook whose kernel has ended, however it went."""
    if executed.is_file():
        shown = read_notebook(executed)
        leave_stills(shown)
        write_notebook(executed, shown)


def parameter_names(path: Path) -> set[str]:
    r"""The names that the cell tagged ``parameters`` gives a value to, with or without a type."""
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


def code_of(path: Path) -> str:
    r"""The source of all its code cells."""
    return "\n".join(cell.source for cell in read_notebook(path).cells if cell.cell_type == "code")


def _quiet_papermill() -> None:
    logging.getLogger("papermill").setLevel(logging.ERROR)


def _one_line(text: str, limit: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _first_line(source: str) -> str:
    return next((line.strip() for line in source.splitlines() if line.strip()), "")
