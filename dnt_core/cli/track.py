r"""``dnt track``: 257 numbers per frame for anybody's video, or from other people's tracks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dnt_core.cli.guard import lazy_import, one_line_errors


@one_line_errors
def track(
    files: Annotated[
        list[Path],
        typer.Argument(help="Videos; with --import another tool's files of one video, or their folder."),
    ],
    imports: Annotated[
        bool, typer.Option("--import", help="FILES are a track of another tool, of the --video.")
    ] = False,
    video: Annotated[Path | None, typer.Option(help="The clip that the other tool read.")] = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format", help="deep3d, sadtalker, geneface, geneface++, wm3dr, adnerf, deca, landmarks."
        ),
    ] = None,
    landmarks: Annotated[
        list[Path] | None,
        typer.Option(
            help="68 points per frame (OpenFace's CSV, .npy, .npz, .lms); with --import 5 will do (repeat)."
        ),
    ] = None,
    face_model: Annotated[
        str | None, typer.Option(help="procedural[:N], bfm2009, bfm2017, bfm2019, ict, flame or a file.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Copy the videos into this folder in MEAD's layout first.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="CSV of file, actor, expression, level, number; else the names say.")
    ] = None,
    actor: Annotated[str, typer.Option(help="Whose videos, where their names do not say.")] = "me",
    pixels: Annotated[bool, typer.Option("--pixels/--landmarks-only", help="Fit to the pixels, too.")] = True,
    again: Annotated[bool, typer.Option("--again", help="Track videos that have a cache already.")] = False,
) -> None:
    """Write the 257 numbers of every frame beside a video: tracked, or imported from another tool."""
    run = lazy_import(
        "dnt_core.tracking.track_command", "import_with_progress" if imports else "track_with_progress"
    )
    given = {
        "face_model": face_model,
        "landmarks": landmarks or (),
        "out": out,
        "labels": labels,
        "actor": actor,
    }
    if imports:
        run(files, video, format_name, **given)
    else:
        run(files, pixels=pixels, again=again, **given)
