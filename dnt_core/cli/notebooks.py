r"""``dnt notebooks``: each notebook and its text kept in step, tidy, and with a run's outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dnt_core.cli.guard import one_line_errors

notebooks_app = typer.Typer(help="Notebooks as text that can be reviewed.", no_args_is_help=True)
Folder = Annotated[Path | None, typer.Option("--notebooks", help="Folder of the notebooks.")]


@notebooks_app.command("sync")
@one_line_errors
def notebooks_sync(
    source: Annotated[str, typer.Option("--from", help="Whose cells count: newer, py or ipynb.")] = "newer",
    folder: Folder = None,
) -> None:
    """Bring each notebook and its .py twin in step; outputs of unchanged cells stay."""
    from dnt_core.workbook.notebook_pairs import sync_pair

    if source not in ("newer", "py", "ipynb"):
        raise ValueError(f"--from {source}: expected newer, py or ipynb")
    for path in _pairs(folder):
        written = sync_pair(path, source)
        print(f"{path.stem}: {f'wrote the .{written}' if written else 'in step'}")


@notebooks_app.command("check")
@one_line_errors
def notebooks_check(folder: Folder = None) -> None:
    """Fail when a pair is out of step or a notebook is not as a committed notebook should be."""
    from dnt_core.workbook.notebook_lint import notebook_problems
    from dnt_core.workbook.notebook_pairs import pair_problems

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

    from dnt_core.workbook.notebook_lint import read_notebook, tidy_notebook
    from dnt_core.workbook.notebook_pairs import write_notebook

    for path in (p for p in _pairs(folder) if p.exists()):
        before = nbformat.writes(read_notebook(path))
        notebook = tidy_notebook(read_notebook(path))
        if nbformat.writes(notebook) != before:
            write_notebook(path, notebook)
            print(f"{path.stem}: stripped")


@notebooks_app.command("publish")
@one_line_errors
def notebooks_publish(
    run_dir: Annotated[Path, typer.Argument(help="Folder of a finished run, such as runs/laptop.")],
    wanted: Annotated[list[str] | None, typer.Argument(help="Numbers or names; all that ran there.")] = None,
    folder: Folder = None,
    figures: Annotated[Path | None, typer.Option(help="Folder for the figures; figures/ by default.")] = None,
) -> None:
    """Carry a run's outputs into the committed notebooks, its figures into figures/, claims into docs/."""
    from dnt_core.paths import repository_root
    from dnt_core.workbook.publish import publish_run

    root = repository_root()
    claims = None if folder else root / "docs" / "claims.md"  # the page is of the committed notebooks
    places = (folder or root / "notebooks", figures or root / "figures", claims)
    for path in publish_run(run_dir, *places, wanted or ()):
        print(f"wrote {path}")


@notebooks_app.command("claims")
@one_line_errors
def notebooks_claims(folder: Folder = None) -> None:
    """Write docs/claims.md anew from the outputs of the committed notebooks."""
    from dnt_core.paths import repository_root
    from dnt_core.workbook.claims_page import write_claims_page

    root = repository_root()
    print(f"wrote {write_claims_page(folder or root / 'notebooks', root / 'docs' / 'claims.md')}")


def _pairs(folder: Path | None) -> list[Path]:
    from dnt_core.paths import repository_root

    folder = folder or repository_root() / "notebooks"
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}; expected one with notebooks")
    found = {p.with_suffix(".ipynb") for kind in ("ipynb", "py") for p in folder.glob(f"[0-9][0-9]_*.{kind}")}
    if not found:
        raise FileNotFoundError(f"no notebook named like 01_title.ipynb in {folder}")
    return sorted(found)
