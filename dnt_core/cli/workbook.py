r"""``dnt doctor``, ``dnt film`` and ``dnt run``: what is here, the clips, the series of notebooks."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from dnt_core.cli.guard import MOST_JOBS, MOST_SEED, lazy_import, one_line_errors

SizesOf = Annotated[
    str | None,
    typer.Option(help="Sizes: quick, laptop or paper; what DNT_PROFILE says, else quick, by default."),
]


@one_line_errors
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Say what is installed, which optional assets are found, and what each would unlock."""
    from dnt_core import doctor as clinic
    from dnt_core.terminal import open_console

    findings = clinic.examine()
    if as_json:
        print(json.dumps(clinic.as_json(findings), indent=1))
    else:
        clinic.print_report(findings, open_console())
    if any(f.state == "missing" for f in findings):
        raise typer.Exit(1)


@one_line_errors
def film(
    out: Annotated[Path, typer.Option("--out", help="Folder for the clips, in MEAD's layout.")],
    profile: SizesOf = None,
    actor: Annotated[
        list[str] | None,
        typer.Option(help="Only this actor (repeat for more), by name (M003, W009, M011) or number from 1."),
    ] = None,
    intensity: Annotated[
        list[float] | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Film at this intensity in [0, 1] (repeat for more) instead of levels 1 to 3.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of everything random.")] = 0,
    face_model: Annotated[
        str, typer.Option(help="procedural, or ict: ICT-FaceKit's head acts, as the one actor ICT.")
    ] = "procedural",
) -> None:
    """Film the built-in actor into a MEAD-layout folder; a run that was stopped goes on where it was."""
    from dnt_core.atomic_write import make_folder
    from dnt_core.workbook import actor_names, film_config, get_profile

    start_film = lazy_import("dnt_core.actor", "film")
    asked = {"actors": actor_names(actor), "intensities": tuple(intensity or ()) or None}
    if face_model != "procedural":
        if actor:
            raise ValueError(f"--face-model {face_model} has one actor of its own; leave --actor out")
        asked["face_model"] = face_model
    changes = {name: value for name, value in asked.items() if value is not None}
    plan = film_config(get_profile(profile), seed=seed, **changes)
    start_film(make_folder(out), plan, progress=True)
    print(f"{out}: {len(plan.shots())} clips of {', '.join(plan.actors)}")


@one_line_errors
def run(
    notebooks: Annotated[
        list[str] | None, typer.Argument(help="Numbers or names; all of the series by default.")
    ] = None,
    profile: SizesOf = None,
    data: Annotated[
        Path | None, typer.Option(help="MEAD-layout folder; the built-in actor by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; runs/<profile> by default.")] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            metavar="NAME=VALUE",
            help="Further notebook parameter, VALUE a Python literal or a word (repeat for more).",
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(min=1, max=1e7, help="Seconds that a cell may run; the profile's by default."),
    ] = None,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first notebook that fails.")
    ] = False,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Run also what an earlier run has finished with the same code and clips."
        ),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST_JOBS,
            help="Notebooks side by side, the cores shared among them; by default one per core, up to 4, "
            "in the quick profile and one in larger ones.",
        ),
    ] = None,
    cluster: Annotated[
        str,
        typer.Option(
            metavar="tcp://HOST:PORT",
            help="Dask scheduler whose workers do the independent fits, for the notebooks that have some.",
        ),
    ] = "",
    folder: Annotated[
        Path | None, typer.Option("--notebooks", help="Folder of the notebooks; notebooks/ by default.")
    ] = None,
) -> None:
    """Execute the notebooks headless and collect their metrics in OUT/metrics.json."""
    from dnt_core.workbook.run_progress import run_with_progress

    parameters = dict(_literal(p) for p in parameter or [])
    if cluster:
        lazy_import("dnt_core.studies.where_are_expressions.cluster", "check_cluster")(cluster)
        parameters["cluster"] = cluster
    report = run_with_progress(
        notebooks or [],
        profile=profile,
        data_dir=data,
        out_dir=out,
        timeout=timeout,
        parameters=parameters,
        fail_fast=fail_fast,
        folder=folder,
        jobs=jobs,
        fresh=fresh,
    )
    if report.failed:
        raise typer.Exit(1)


def _literal(assignment: str) -> tuple[str, Any]:
    name, equals, value = assignment.partition("=")
    if not equals or not name.isidentifier():
        raise ValueError(f"-p {assignment}: expected NAME=VALUE")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value
