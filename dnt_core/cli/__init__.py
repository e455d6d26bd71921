r"""The command ``dnt``, a file for each group of commands.

Each group stands in a file of its own. ``guard`` turns bad input into one line. Commands import what they
need when they run, so that ``dnt --help`` is quick.
"""

from __future__ import annotations

import sys
from typing import Any

import typer

from dnt_core.cli.cache import cache
from dnt_core.cli.data import data_app
from dnt_core.cli.evaluate import evaluate
from dnt_core.cli.notebooks import notebooks_app
from dnt_core.cli.serve import live, score, study
from dnt_core.cli.site import site_app
from dnt_core.cli.talk import talk
from dnt_core.cli.track import track
from dnt_core.cli.train import train_app
from dnt_core.cli.weights import weights_app
from dnt_core.cli.workbook import doctor, film, run
from dnt_core.terminal import outlive_readers, show_what_fits


class _App(typer.Typer):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        show_what_fits()
        outlive_readers()
        try:
            return super().__call__(*args, **kwargs)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # while it is still known what to do when nobody reads


app = _App(
    help="Talking faces with continuously controllable expressions: a workbook.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for command in (doctor, film, run, talk, track, evaluate, study, live, score, cache):
    app.command()(command)
app.add_typer(data_app, name="data")
app.add_typer(notebooks_app, name="notebooks")
app.add_typer(site_app, name="site")
app.add_typer(train_app, name="train")
app.add_typer(weights_app, name="weights")
