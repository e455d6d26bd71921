r"""``dnt weights``: what trained weights say about themselves, and how older ones are brought along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from dnt_core.cli.guard import lazy_import, one_line_errors

weights_app = typer.Typer(help="Files of trained weights.", no_args_is_help=True)


@weights_app.command("migrate")
@one_line_errors
def weights_migrate(
    places: Annotated[list[Path], typer.Argument(help="Weights, or folders of weights.")],
) -> None:
    """Write into weights of version 0.1 what newer ones say about themselves; their numbers stay."""
    for file, written in lazy_import("dnt_core.training.weights_migration", "migrate_weights")(
        places
    ).items():
        print(f"{file}: {'header rewritten' if written else 'up to date'}")


@weights_app.command("show")
@one_line_errors
def weights_show(
    file: Annotated[Path, typer.Argument(help="Weights of any network of this package.")],
) -> None:
    """Say what was noted in a file of weights: of a generator whose it is, for which size and geometry."""
    notes, held = lazy_import("dnt_core.checkpoint", "read_notes")(file)
    if "generator" not in held:
        print(f"holds       {', '.join(held)}")
        for name, value in (notes | notes.pop("made_with", {})).items():
            print(f"{name.replace('_', ' '):11} {value if isinstance(value, str) else json.dumps(value)}")
        return
    found = lazy_import("dnt_core.training.generator_weights", "open_generator")(file)
    print(f"identity    {found.identity or 'not noted'}")
    print(f"image size  {found.image_size} px")
    print(f"geometry    {_geometry(found.decoupling_key, found.made_with.get('decoupling_file'))}")
    print(f"face model  {found.face_model or 'not noted'}")
    for name in ("data", "clips", "clips_key", "seed", "command"):
        print(f"{name.replace('_', ' '):11} {found.made_with.get(name, 'not noted')}")


def _geometry(key: str | None, file: str | None) -> str:
    return "as reconstructed, no f_d" if key is None else f"after f_d {file or ''} (key {key})"
