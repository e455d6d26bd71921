r"""What ``dnt run`` shows: a bar for each notebook, what went wrong, and where things lie."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from dnt_core.terminal import open_console
from dnt_core.workbook.metrics import METRICS_FILE
from dnt_core.workbook.runner import NotebookOutcome, SeriesReport, run_series


def run_with_progress(wanted: Sequence[str], **options: Any) -> SeriesReport:
    r"""``run_series`` with a progress bar on a terminal, or a line a notebook where there is none."""
    console = open_console()
    bars = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cells"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    tasks: dict[str, Any] = {}

    def on_cell(name: str, number: int, total: int) -> None:
        if name not in tasks:
            tasks[name] = bars.add_task(name, total=total)
        bars.update(tasks[name], completed=number - 1)

    def on_done(outcome: NotebookOutcome) -> None:
        if outcome.name in tasks:
            bars.remove_task(tasks[outcome.name])
        mark = ("✗", "red") if outcome.error else ("✓", "green")
        console.print(Text.assemble(mark, f" {outcome.name}  ", (f"{outcome.seconds:.0f} s", "dim")))
        if outcome.error:
            console.print(f"  {outcome.error}", style="red", soft_wrap=True)
        elif not outcome.recorded:
            console.print("  it recorded no metrics", style="yellow")

    with bars:
        report = run_series(wanted, progress=on_cell, on_done=on_done, **options)
    place = Path(os.path.relpath(report.out_dir))
    done = len(report.outcomes) - len(report.failed)
    console.print(
        f"{done} of {len(report.outcomes)} notebooks ran in the {report.profile} profile; "
        f"{len(report.metrics)} metrics in {place / METRICS_FILE}, executed notebooks in {place}/",
        soft_wrap=True,
    )
    return report
