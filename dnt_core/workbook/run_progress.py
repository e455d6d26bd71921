r"""What ``dnt run`` shows: a bar for each notebook that runs, how long it will still take, where things lie.

On a terminal bars move; in a log a line says at once what starts, and every so often how far it is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from dnt_core.paths import from_here, run_folder
from dnt_core.profiles import get_profile
from dnt_core.terminal import open_console
from dnt_core.workbook.metrics import METRICS_FILE
from dnt_core.workbook.run_order import TimeLeft, expected_seconds
from dnt_core.workbook.run_record import REPORT_FILE
from dnt_core.workbook.runner import (
    NotebookOutcome,
    SeriesReport,
    find_notebooks,
    run_series,
    select_notebooks,
    side_by_side,
)

LOG_SECONDS = 20.0  # between two lines of a log


def run_with_progress(
    wanted: Sequence[str], *, jobs: int | None = None, fresh: bool = False, **options: Any
) -> SeriesReport:
    r"""``run_series`` with progress bars on a terminal, or lines where there is none.

    Args:
        wanted, jobs, fresh, options: as for :func:`~dnt_core.workbook.runner.run_series`.
    """
    sizes = get_profile(options.get("profile"))
    names = [path.stem for path in select_notebooks(wanted, find_notebooks(options.get("folder")))]
    jobs = jobs or side_by_side(sizes, len(names))
    report_file = run_folder(sizes.name, options.get("out_dir")) / REPORT_FILE
    shown = SeriesProgress(names, TimeLeft(expected_seconds(names, report_file, sizes.name), jobs))
    with shown.watch():
        report = run_series(
            wanted, progress=shown.on_cell, on_done=shown.on_done, on_bar=shown.on_bar, jobs=jobs,
            fresh=fresh, **options,
        )  # fmt: skip
    place = from_here(report.out_dir)
    done = len(report.outcomes) - len(report.failed)
    shown.console.print(
        f"{done} of {len(report.outcomes)} notebooks ran in the {report.profile} profile; "
        f"{len(report.metrics)} metrics in {place / METRICS_FILE}, executed notebooks in {place}/",
        soft_wrap=True,
    )
    if kept := [o.name[:2] for o in report.outcomes if o.reused]:
        shown.console.print(f"{', '.join(kept)} had run before; --fresh runs them again", style="dim")
    return report


class SeriesProgress:
    r"""Hears of cells, bars and ends from several threads, and shows them.

    Args:
        names: the series' stems. left: guesses the time that is left.
    """

    def __init__(self, names: Sequence[str], left: TimeLeft) -> None:
        self.console = open_console()
        self.live = self.console.is_terminal
        self.names, self.left, self.ended = names, left, 0
        self.bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[what]}", markup=False, style="dim"),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=not self.live,
        )
        self.whole = self.bars.add_task("the series", total=len(names), what="")
        self.tasks: dict[str, Any] = {}
        self.cells: dict[str, tuple[int, int]] = {}
        self.own: dict[str, str] = {}
        self.lock = threading.Lock()

    @contextmanager
    def watch(self) -> Iterator[None]:
        r"""Shows from now on, and in a log says every :data:`LOG_SECONDS` how far it is."""
        end = threading.Event()
        every = 1.0 if self.live else LOG_SECONDS
        self._say(f"{len(self.names)} notebook{'s' * (len(self.names) != 1)}, {self._left()}")

        def tick() -> None:
            while not end.wait(every):
                with self.lock:
                    self.bars.update(self.whole, what=self._left())
                    if not self.live and self.cells:
                        self._say(f"  {self._now()}; {self.ended} of {len(self.names)} done, {self._left()}")

        ticker = threading.Thread(target=tick, daemon=True)
        with self.bars:
            ticker.start()
            try:
                yield
            finally:
                end.set()
                ticker.join()

    def on_cell(self, name: str, number: int, total: int) -> None:
        r"""A cell starts; 0: the notebook does."""
        with self.lock:
            if name not in self.cells:
                self.left.start(name)
                self.tasks[name] = self.bars.add_task(name, total=total, what="starting")
                if not self.live:
                    self._say(f"▸ {name}")
            self.cells[name], self.own[name] = (number, total), ""
            what = "cells" if number else "starting its kernel"
            self.bars.update(self.tasks[name], completed=max(number - 1, 0), what=what)

    def on_bar(self, name: str, text: str) -> None:
        r"""The notebook's own bar moves."""
        with self.lock:
            self.own[name] = text
            if name in self.tasks:
                self.bars.update(self.tasks[name], what=text or "cells")

    def on_done(self, outcome: NotebookOutcome) -> None:
        r"""A notebook has ended, or was found finished."""
        with self.lock:
            self.ended += 1
            self.left.end(outcome.name)
            self.cells.pop(outcome.name, None)
            if outcome.name in self.tasks:
                self.bars.remove_task(self.tasks.pop(outcome.name))
            self.bars.update(self.whole, completed=self.ended, what=self._left())
            mark = ("✗", "red") if outcome.error else ("✓", "green")
            took = "had run before" if outcome.reused else f"{outcome.seconds:.0f} s"
            self.console.print(Text.assemble(mark, f" {outcome.name}  ", (took, "dim")))
            if outcome.error:
                self.console.print(f"  {outcome.error}", style="red", soft_wrap=True)
            elif not outcome.recorded:
                self.console.print("  it recorded no metrics", style="yellow")

    def _now(self) -> str:
        parts = []
        for name, (number, total) in self.cells.items():
            where = f"cell {number} of {total}" if number else "starting"
            own = f" ({self.own[name]})" if self.own.get(name) else ""
            parts.append(f"{name[:2]} {where}{own}")
        return ", ".join(parts)

    def _left(self) -> str:
        return self.left.in_words()

    def _say(self, line: str) -> None:
        self.console.print(line, style="dim", soft_wrap=True)
