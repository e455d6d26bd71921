r"""The command ``dnt``, a file for each group of commands.

``workbook`` (doctor, film, run), ``serve`` (study, live, score), ``train``, ``data``, ``notebooks``;
``guard`` (bad input becomes one line). Commands import what they need when they
run, so that ``dnt --help`` is quick.
"""

from __future__ import annotations

import typer

from dnt_core.cli.data import data_app
from dnt_core.cli.notebooks import notebooks_app
from dnt_core.cli.serve import live, score, study
from dnt_core.cli.train import train_app
from dnt_core.cli.workbook import doctor, film, run

app = typer.Typer(
    help="Talking faces with continuously controllable expressions: a workbook.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for command in (doctor, film, run, study, live, score):
    app.command()(command)
app.add_typer(data_app, name="data")
app.add_typer(notebooks_app, name="notebooks")
app.add_typer(train_app, name="train")
