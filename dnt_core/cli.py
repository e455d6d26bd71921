r"""The command ``dnt``. Commands import what they need when they run, so that ``dnt --help`` is quick."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Talking faces with continuously controllable expressions: a workbook.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
notebooks_app = typer.Typer(help="Notebooks as text that can be reviewed.", no_args_is_help=True)
app.add_typer(notebooks_app, name="notebooks")
train_app = typer.Typer(help="Train a network without a notebook.", no_args_is_help=True)
app.add_typer(train_app, name="train")

Folder = Annotated[Path | None, typer.Option("--notebooks", help="Folder of the notebooks.")]


def one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    r"""Turn bad input (``ValueError``, exit 2) and file trouble (``OSError``, exit 1) into one line."""

    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (ValueError, OSError) as error:
            typer.secho(f"dnt: {' '.join(str(error).split())}", fg="red", err=True)
            raise typer.Exit(2 if isinstance(error, ValueError) else 1) from error

    return guarded


def _room(module: str, name: str) -> Any:
    r"""A function of another room, with one clear line when its packages are not installed."""
    import importlib

    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise OSError(
            f"{module} cannot be imported ({error}); install the environment with `make env`"
        ) from error


@app.command()
@one_line_errors
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Say what is installed, which optional assets are found, and what each would unlock."""
    from rich.console import Console

    from dnt_core import doctor as clinic

    findings = clinic.examine()
    if as_json:
        print(json.dumps(clinic.as_json(findings), indent=1))
    else:
        clinic.print_report(findings, Console())
    if any(f.state == "missing" for f in findings):
        raise typer.Exit(1)


@app.command()
@one_line_errors
def film(
    out: Annotated[Path, typer.Option("--out", help="Folder for the clips, in MEAD's layout.")],
    profile: Annotated[str, typer.Option(help="Sizes: quick or laptop.")] = "quick",
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
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
) -> None:
    """Film the built-in actor into a MEAD-layout folder; a run that was stopped goes on where it was."""
    from dnt_core.workbook import actor_names, film_plan, get_profile

    start_film = _room("dnt_core.actor", "film")
    asked = {"actors": actor_names(actor), "intensities": tuple(intensity or ()) or None}
    changes = {name: value for name, value in asked.items() if value is not None}
    start_film(out, film_plan(get_profile(profile), seed=seed, **changes), progress=True)


@app.command()
@one_line_errors
def run(
    notebooks: Annotated[
        list[str] | None, typer.Argument(help="Numbers or names; all of the series by default.")
    ] = None,
    profile: Annotated[str, typer.Option(help="Sizes: quick, laptop or paper.")] = "quick",
    data: Annotated[
        Path | None, typer.Option(help="MEAD-layout folder; the built-in actor by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; runs/<profile> by default.")] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", metavar="NAME=VALUE", help="Further notebook parameter, VALUE a literal."),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds a cell may run; the profile's by default.")
    ] = None,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first notebook that fails.")
    ] = False,
    cluster: Annotated[
        str,
        typer.Option(
            metavar="tcp://HOST:PORT",
            help="Dask scheduler whose workers do the independent fits, for the notebooks that have some.",
        ),
    ] = "",
    folder: Folder = None,
) -> None:
    """Execute the notebooks headless and collect their metrics in OUT/metrics.json."""
    from dnt_core.workbook.console import run_with_progress

    parameters = dict(_literal(p) for p in parameter or [])
    if cluster:
        _room("dnt_core.studies.where_are_expressions.cluster", "check_cluster")(cluster)
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
    )
    if report.failed:
        raise typer.Exit(1)


@app.command()
@one_line_errors
def score(
    responses: Annotated[Path, typer.Argument(help="Orders collected from observers.")],
    out: Annotated[Path | None, typer.Option(help="Folder; <responses>_scores by default.")] = None,
) -> None:
    """Turn the orders that observers gave into M, the perceptual scores s = Mx, and intervals."""
    _room("dnt_core.studies.perceptual_study", "score_file")(responses, out=out)


@app.command()
@one_line_errors
def study(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of the page.")] = 8866,
    host: Annotated[
        str, typer.Option(help="Loopback by default; 0.0.0.0 lets everybody on the network take part.")
    ] = "127.0.0.1",
    clips: Annotated[Path, typer.Option(help="Folder of the clips, made if missing.")] = Path(
        "runs/study/clips"
    ),
    answers: Annotated[Path, typer.Option(help="SQLite file of the answers.")] = Path(
        "runs/study/answers.sqlite"
    ),
    out: Annotated[Path | None, typer.Option(help="CSV of the answers; beside --answers by default.")] = None,
    weights: Annotated[
        list[Path] | None, typer.Option(help="A generator (repeat, one an identity); the shipped ones.")
    ] = None,
    expression: Annotated[
        list[str] | None, typer.Option(help="Only groups of this expression (repeat for more).")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=10, help="Length of a clip.")] = 2.0,
    export: Annotated[
        bool, typer.Option("--export", help="Write the answers' CSV and serve nothing.")
    ] = False,
) -> None:
    """Let people put clips in order: make the clips, serve the page until Ctrl-C, write their answers."""
    console = "dnt_core.studies.perceptual_study.collecting.console"
    if export:
        print(_room(console, "export")(answers, out))
        return
    tell = functools.partial(print, flush=True)
    _room(console, "run_study")(
        port, host, clips, answers, out, weights or (), expression or (), seconds, tell
    )


@train_app.command("decoupling")
@one_line_errors
def train_decoupling(
    actor: Annotated[str, typer.Option(help="Whose clips, by name.")] = "M003",
    data: Annotated[
        Path | None, typer.Option(help="Folder with .face3d.npz caches; the built-in actor by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="runs/weights/decoupling_<actor>.safetensors.")] = None,
    face_model: Annotated[str, typer.Option(help="procedural, procedural:N or a BFM file.")] = "procedural",
    steps: Annotated[int | None, typer.Option(min=1, help="Updates; more: closer to converged.")] = None,
    lambda2: Annotated[float | None, typer.Option(help="Higher: lips and expressions stay.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of clips, weights and batches.")] = 0,
) -> None:
    """Train f_d on one actor and measure it on held-out clips; a stopped run goes on where it was."""
    ship = _room("dnt_core.studies.decoupling.console", "train_with_progress")
    print(json.dumps(ship(actor, data, out, face_model, seed, steps=steps, lambda2=lambda2), indent=1))


@train_app.command("generator")
@one_line_errors
def train_generator(
    actor: Annotated[str, typer.Option(help="Whose clips, by name.")] = "M003",
    data: Annotated[
        Path | None, typer.Option(help="MEAD-layout folder with caches; the built-in actor by default.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="runs/weights/generator_<actor>_<size>.safetensors.")
    ] = None,
    profile: Annotated[str, typer.Option(help="Recipe: quick, laptop, laptop_128 or paper.")] = "laptop",
    decoupling: Annotated[
        Path | None, typer.Option(help="Weights of f_d; without them the geometry stays as reconstructed.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Generator weights to start from, another actor's, say.")
    ] = None,
    size: Annotated[list[int] | None, typer.Option(min=16, help="px of a stage (repeat).")] = None,
    steps: Annotated[list[int] | None, typer.Option(min=1, help="Updates of a stage (repeat).")] = None,
    seed: Annotated[int, typer.Option(help="Seed of weights, batches and held-out clips.")] = 0,
) -> None:
    """Train g(B, F, E) on one actor and measure it on held-out frames; a stopped run goes on where it was."""
    train = _room("dnt_core.studies.dynamic_texture.console", "train_with_progress")
    stages = tuple(steps or ()) or None, tuple(size or ()) or None
    print(json.dumps(train(actor, data, out, profile, decoupling, start, *stages, seed), indent=1))


@notebooks_app.command("sync")
@one_line_errors
def notebooks_sync(
    source: Annotated[str, typer.Option("--from", help="Whose cells count: newer, py or ipynb.")] = "newer",
    folder: Folder = None,
) -> None:
    """Bring each notebook and its .py twin in step; outputs of unchanged cells stay."""
    from dnt_core.workbook.pairs import sync_pair

    if source not in ("newer", "py", "ipynb"):
        raise ValueError(f"--from {source}: expected newer, py or ipynb")
    for path in _pairs(folder):
        written = sync_pair(path, source)
        print(f"{path.stem}: {f'wrote the .{written}' if written else 'in step'}")


@notebooks_app.command("check")
@one_line_errors
def notebooks_check(folder: Folder = None) -> None:
    """Fail when a pair is out of step or a notebook is not as a committed notebook should be."""
    from dnt_core.workbook.pairs import pair_problems
    from dnt_core.workbook.tidy import notebook_problems

    problems = [
        p
        for path in _pairs(folder)
        for p in [*pair_problems(path), *(notebook_problems(path) if path.exists() else [])]
    ]
    for problem in problems:
        typer.secho(problem, fg="red", err=True)
    if problems:
        raise typer.Exit(1)


@notebooks_app.command("strip")
@one_line_errors
def notebooks_strip(folder: Folder = None) -> None:
    """Take metadata noise out of the notebooks; outputs stay."""
    import nbformat

    from dnt_core.workbook.pairs import write_notebook
    from dnt_core.workbook.tidy import tidy_notebook

    for path in (p for p in _pairs(folder) if p.exists()):
        before = nbformat.writes(nbformat.read(path, as_version=4))
        notebook = tidy_notebook(nbformat.read(path, as_version=4))
        if nbformat.writes(notebook) != before:
            write_notebook(path, notebook)
            print(f"{path.stem}: stripped")


@notebooks_app.command("publish")
@one_line_errors
def notebooks_publish(
    run_dir: Annotated[Path, typer.Argument(help="Folder of a finished run, such as runs/laptop.")],
    folder: Folder = None,
    figures: Annotated[Path | None, typer.Option(help="Folder for the figures; figures/ by default.")] = None,
) -> None:
    """Carry a run's outputs into the committed notebooks, and its figures into figures/."""
    from dnt_core.workbook.publish import publish_run
    from dnt_core.workbook.session import repository_root

    root = repository_root()
    for path in publish_run(run_dir, folder or root / "notebooks", figures or root / "figures"):
        print(f"wrote {path}")


def _pairs(folder: Path | None) -> list[Path]:
    from dnt_core.workbook.session import repository_root

    folder = folder or repository_root() / "notebooks"
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}; run from inside the repository")
    return sorted(
        {p.with_suffix(".ipynb") for kind in ("ipynb", "py") for p in folder.glob(f"[0-9][0-9]_*.{kind}")}
    )


def _literal(assignment: str) -> tuple[str, Any]:
    import ast

    name, equals, value = assignment.partition("=")
    if not equals or not name.isidentifier():
        raise ValueError(f"-p {assignment}: expected NAME=VALUE")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


if __name__ == "__main__":
    sys.exit(app())
