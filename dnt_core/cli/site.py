r"""``dnt site``: pages that need no program behind them."""

from __future__ import annotations

import functools
import shlex
from pathlib import Path
from typing import Annotated

import typer

from dnt_core.cli.guard import lazy_import, one_line_errors

site_app = typer.Typer(help="Pages that any web server can hand out.", no_args_is_help=True)


@site_app.command("live")
@one_line_errors
def site_live(
    out: Annotated[Path, typer.Option(help="Folder of the page, made if missing.")] = Path("runs/site/live"),
    weights: Annotated[
        list[Path] | None,
        typer.Option(
            help="A generator's file, or a folder of them (repeat for more); the shipped ones by default."
        ),
    ] = None,
    clip: Annotated[
        Path | None,
        typer.Option(
            help="mp4 to speak in, its .face3d.npz beside it, for one --weights; the actor's by default."
        ),
    ] = None,
    captions: Annotated[
        str | None,
        typer.Option(
            help="What is said in the clip, shown below the face; the built-in clip's sentence by default."
        ),
    ] = None,
    ort: Annotated[
        Path | None,
        typer.Option(help="Folder of onnxruntime-web; node_modules by default, or npm fetches it once."),
    ] = None,
) -> None:
    """Build the live face as a page that computes in the browser."""
    lazy_import("dnt_core.arguments", "check_no_file")(captions, "--captions")
    tell = functools.partial(print, flush=True)
    build = lazy_import("dnt_core.live.static_page.build", "build_page")
    index = build(out, weights or None, clip, ort, captions, tell)
    tell(f"{index}: try it with `python -m http.server --directory {shlex.quote(str(index.parent))} 8000`")
