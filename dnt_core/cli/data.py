r"""``dnt data``: is a folder of clips fit for use, and how to make a film so."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from dnt_core.cli.guard import lazy_import, one_line_errors

data_app = typer.Typer(help="Folders of clips.", no_args_is_help=True)


@data_app.command("check")
@one_line_errors
def data_check(
    folder: Annotated[Path, typer.Argument(help="Folder with clips in MEAD's layout.")],
    full: Annotated[bool, typer.Option("--full", help="Decode every frame, not the first and last.")] = False,
    problems_only: Annotated[
        bool, typer.Option("--problems-only", help="Leave out clips that are good.")
    ] = False,
) -> None:
    """Say of each clip whether it can be used and what reading has to do to it; exit 1 if one cannot."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from dnt_core.clips import scan
    from dnt_core.clips.check_report import GOOD, LEFT_OUT, VERDICTS, verdicts

    index = scan(folder, verify="full" if full else True, progress=True)
    impossible = lazy_import("dnt_core.tracking.possible_poses", "impossible_caches")(index.clips)
    index = replace(index, problems=(*index.problems, *impossible))
    rows = verdicts(index)
    table = Table(box=None, pad_edge=False)
    for heading in ("verdict", "clip", "what"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "verdict")
    for row in rows:
        if row.verdict != GOOD or not problems_only:
            table.add_row(Text(row.verdict), Text(row.name), Text("; ".join(row.reasons)))
    console = Console(highlight=False)
    console.print(table)
    counts = Counter(row.verdict for row in rows)
    for verdict, meaning in VERDICTS.items():
        console.print(Text(f"{counts[verdict]:5d} {verdict}: {meaning}"))
    for line in index.missing_lines():
        console.print(Text(line))
    if counts[LEFT_OUT]:
        raise typer.Exit(1)


@data_app.command("convert")
@one_line_errors
def data_convert(
    source: Annotated[
        Path,
        typer.Argument(
            help="Film, of any kind that FFmpeg reads, or a folder of its frames as numbered pictures."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="The mp4 to write.")],
    fps: Annotated[
        str | None,
        typer.Option(help="Frames per second, such as 25 or 30000/1001; the film's own by default."),
    ] = None,
) -> None:
    """Write a film anew as every program reads it: upright, SDR, square pixels, at a constant rate."""
    from tqdm.auto import tqdm

    from dnt_core.clips.convert import convert_video

    with tqdm(desc=f"convert {source.name}", unit="frame", disable=None) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        done = convert_video(source, out, fps, progress=progress)
    print(f"{out}: {'; '.join(done) if done else 'written'}")
