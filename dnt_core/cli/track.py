r"""``dnt track``: 257 numbers per frame for anybody's video, or from other people's tracks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dnt_core.cli.face_model import NAMES
from dnt_core.cli.guard import lazy_import, one_line_errors


@one_line_errors
def track(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Videos or their folders; with --import another tool's files of one video, or their folder."
        ),
    ],
    imports: Annotated[
        bool, typer.Option("--import", help="FILES are a track of another tool, of the --video.")
    ] = False,
    video: Annotated[
        Path | None, typer.Option(help="With --import: the clip that the other tool read.")
    ] = None,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="With --import: deep3d, sadtalker, geneface, geneface++, wm3dr, adnerf, deca or landmarks; "
            "what the files look like by default.",
        ),
    ] = None,
    landmarks: Annotated[
        list[Path] | None,
        typer.Option(
            help="68 points per frame (OpenFace's CSV, .npy, .npz, .lms); with --import 5 will do (repeat)."
        ),
    ] = None,
    landmarks_size: Annotated[
        str | None,
        typer.Option(
            metavar="WIDTHxHEIGHT",
            help="Px of the frames that the landmarks were found in, where not the video's as shown: "
            "a smaller copy's, or stored ones with pixels that are not square.",
        ),
    ] = None,
    face_model: Annotated[
        str | None, typer.Option(help=f"{NAMES}; procedural by default, with --import the track's own.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder in MEAD's layout to copy the videos into first; without it they stay in place."
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            help="With --out: CSV of file, actor, expression, level, number; the files' names by default."
        ),
    ] = None,
    actor: Annotated[
        str, typer.Option(help="With --out: whose videos, where their names do not say.")
    ] = "me",
    pixels: Annotated[
        bool,
        typer.Option(
            "--pixels/--landmarks-only", help="Fit to the pixels, too, or to the landmarks alone (faster)."
        ),
    ] = True,
    again: Annotated[
        bool, typer.Option("--again", help="Track videos anew that have a cache already.")
    ] = False,
) -> None:
    """Write the 257 numbers of every frame beside a video: tracked, or imported from another tool."""
    run = lazy_import(
        "dnt_core.tracking.track_command", "import_with_progress" if imports else "track_with_progress"
    )
    given = {
        "face_model": face_model,
        "landmarks": landmarks or (),
        "landmarks_size": landmarks_size,
        "out": out,
        "labels": labels,
        "actor": actor,
    }
    if imports and again:
        raise ValueError("--again is of tracking; --import writes its cache anew in any case")
    for name, of_import in (("--video", video), ("--format", format_name)):
        if of_import is not None and not imports:
            raise ValueError(f"{name} belongs to --import, which was not given")
    if labels is not None and out is None:
        raise ValueError("--labels belongs to --out, which was not given")
    if imports:
        run(files, video, format_name, **given)
    else:
        run(files, pixels=pixels, again=again, **given)
