r"""``dnt evaluate``: one row of table 2 for anybody's weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from dnt_core.atomic_write import without_nan
from dnt_core.cli.face_model import OfWeights, expect_face_model
from dnt_core.cli.guard import lazy_import, one_line_errors


@one_line_errors
def evaluate(
    weights: Annotated[Path, typer.Option(help="A file of `dnt train generator` or `dnt train table2`.")],
    data: Annotated[
        Path | None,
        typer.Option(
            help="MEAD-layout folder of clips that the weights never saw; the built-in actor's by default."
        ),
    ] = None,
    judges: Annotated[
        Path | None,
        typer.Option(
            help="File of classifiers and lip reader, with which all clips of --data are measured; without "
            "it half of the clips fit new ones. The shipped ones if there is no --data."
        ),
    ] = None,
    sync: Annotated[
        Path | None, typer.Option(help="File of `dnt train sync`; the shipped one by default.")
    ] = None,
    first_step: Annotated[
        Path | None,
        typer.Option(
            help="Generator's file in front of StarGAN's or ExprGAN's --weights; only they need one."
        ),
    ] = None,
    face_model: OfWeights = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Print one row of Table 2 for anybody's weights: each metric's mean and interval over clips."""
    expect_face_model(face_model, [first_step or weights])
    row = lazy_import("dnt_core.studies.table2.evaluate", "evaluate_weights")(
        weights, data, judges, sync, first_step, progress=not as_json
    )
    if as_json:
        print(json.dumps(without_nan(row), indent=1))
        return
    labels = lazy_import("dnt_core.studies.table2.row", "LABELS")
    about = row.pop("about")
    print(f"{weights.name}: {about['clips']} test clips at {about['image_size']} px")
    for name, x in row.items():
        interval = f"95 % [{x['low']:.3f}, {x['high']:.3f}]   {x['clips']} clips"
        print(f"{labels[name]:12} {x['mean']:8.3f}   {interval if x['clips'] > 1 else 'one clip'}")
