r"""What ``dnt run`` shows: a bar for each notebook, what went wrong, and where things lie."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dnt_core.workbook.metrics import METRICS_FILE
from dnt_core.workbook.runner import NotebookOutcome, SeriesReport, run_series


def run_with_progress(wanted: Sequence[str], **options: Any) -> SeriesReport:
    r"""``run_series`` with a progress bar on a terminal, or a line a notebook where there is none."""
    console = Console()
    bars = Progress(
        TextColumn("{task.description}"),
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
        mark = "[red]✗[/]" if outcome.error else "[green]✓[/]"
        console.print(f"{mark} {outcome.name}  [dim]{outcome.seconds:.0f} s[/]", highlight=False)
        if outcome.error:
            console.print(f"  {outcome.error}", style="red", markup=False, highlight=False, soft_wrap=True)
        elif not outcome.recorded:
            console.print("  [yellow]it recorded no metrics[/]")

    with bars:
        report = run_series(wanted, progress=on_cell, on_done=on_done, **options)
    place = Path(os.path.relpath(report.out_dir))
    done = len(report.outcomes) - len(report.failed)
    console.print(
        f"{done} of {len(report.outcomes)} notebooks ran in the {report.profile} profile; "
        f"{len(report.metrics)} metrics in {place / METRICS_FILE}, executed notebooks in {place}/",
        highlight=False,
        soft_wrap=True,
    )
    return report
