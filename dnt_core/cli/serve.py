r"""``dnt study`` and ``dnt live``, pages served until Ctrl-C; ``dnt score``: what a study's answers say."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

import typer

from dnt_core.cli.face_model import OfWeights, expect_face_model
from dnt_core.cli.guard import lazy_import, one_line_errors

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port of the page.")]
Prefix = Annotated[
    str,
    typer.Option(
        "--root-path",
        help="What a proxy leaves in front of every path, such as /user/ann/proxy/absolute/8866.",
    ),
]
Host = Annotated[
    str,
    typer.Option(help="Where to listen: 127.0.0.1 is this machine alone, 0.0.0.0 lets the whole network in."),
]


@one_line_errors
def study(
    port: Port = 8866,
    host: Host = "127.0.0.1",
    clips: Annotated[
        Path | None, typer.Option(help="Folder of the clips, made if missing; runs/study/clips by default.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="SQLite file of the answers; runs/study/answers.sqlite by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="CSV of the answers; beside --answers by default.")] = None,
    weights: Annotated[
        list[Path] | None,
        typer.Option(help="A generator's file (repeat, one per identity); the shipped ones by default."),
    ] = None,
    expression: Annotated[
        list[str] | None,
        typer.Option(help="Only groups of this expression (repeat for more); all seven by default."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=10, help="Length of a clip in seconds.")] = 2.0,
    face_model: OfWeights = None,
    root_path: Prefix = "",
    export: Annotated[
        bool, typer.Option("--export", help="Write the answers' CSV and serve nothing.")
    ] = False,
) -> None:
    """Let people put clips in order: make the clips, serve the page until Ctrl-C, write their answers."""
    console = "dnt_core.studies.perceptual_study.collecting.study_command"
    if export:
        print(lazy_import(console, "export")(answers, out))
        return
    expect_face_model(face_model, weights or [None])
    tell = functools.partial(print, flush=True)
    lazy_import(console, "run_study")(
        port, host, clips, answers, out, weights or (), expression or (), seconds, tell, root_path
    )


@one_line_errors
def score(
    responses: Annotated[
        Path,
        typer.Argument(
            help="CSV of the orders: observer, group, identity, expression, clip, intensity, rank."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of tables and figure; <responses>_scores by default, a pipe needs one."),
    ] = None,
) -> None:
    """Turn the orders that observers gave into M, the perceptual scores s = Mx, and intervals."""
    lazy_import("dnt_core.studies.perceptual_study", "score_file")(responses, out=out)


@one_line_errors
def live(
    port: Port = 8867,
    host: Host = "127.0.0.1",
    weights: Annotated[
        Path | None,
        typer.Option(help="A generator's file, or a folder of them; the shipped ones by default."),
    ] = None,
    clip: Annotated[
        Path | None,
        typer.Option(help="mp4 to speak in, its .face3d.npz beside it; the built-in actor's by default."),
    ] = None,
    face_model: OfWeights = None,
    captions: Annotated[
        str | None,
        typer.Option(
            help="What is said in the clip, shown below the face; the built-in clip's sentence by default."
        ),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page when ready.")] = True,
    root_path: Prefix = "",
) -> None:
    """Let people drag a face's expression: serve the live face as a page until Ctrl-C."""
    lazy_import("dnt_core.arguments", "check_no_file")(captions, "--captions")
    expect_face_model(face_model, [weights])
    tell = functools.partial(print, flush=True)
    lazy_import("dnt_core.live.app", "run_live")(
        port, host, weights, clip, browser, tell, root_path, captions
    )  # fmt: skip
