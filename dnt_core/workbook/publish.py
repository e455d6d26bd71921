r"""Carry the outputs of a run into the committed notebooks, and its figures into ``figures/``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from dnt_core.atomic_write import atomic_path
from dnt_core.workbook.claims_page import write_claims_page
from dnt_core.workbook.notebook_lint import read_notebook, tidy_notebook
from dnt_core.workbook.notebook_pairs import transplant_outputs, write_notebook
from dnt_core.workbook.png_quantize import shrink_pictures, small_png
from dnt_core.workbook.run_record import REPORT_FILE
from dnt_core.workbook.runner import find_notebooks, select_notebooks


def publish_run(
    run_dir: str | Path,
    notebooks: str | Path,
    figures: str | Path,
    claims: str | Path | None = None,
    wanted: Sequence[str] = (),
) -> list[Path]:
    r"""Put what a run showed into what is committed.

    Args:
        run_dir: folder of a finished ``dnt run``, ``runs/laptop`` for the outputs that are committed.
        notebooks: folder of the committed notebooks; their cells stay, outputs are replaced (pictures
            made small).
        figures: folder that the run's ``figures/*.png`` are copied to.
        claims: the page of all notebooks' claims, written anew; None: none.
        wanted: numbers or names of notebooks; all that ran in this folder when empty.

    Returns:
        The files written.

    Raises:
        FileNotFoundError: ``run_dir`` holds no ``report.json``.
        ValueError: a notebook of the run failed, was executed from other cells than those committed, or is
            not in the run.
    """
    run_dir, notebooks = Path(run_dir), Path(notebooks)
    report = run_dir / REPORT_FILE
    if not report.exists():
        raise FileNotFoundError(
            f"{run_dir} holds no report.json; expected the folder of a finished `dnt run`"
        )
    outcomes = json.loads(report.read_text(encoding="utf-8"))["notebooks"]
    if wanted:
        names = [path.stem for path in select_notebooks(wanted, find_notebooks(notebooks))]
        if missing := sorted(set(names) - {o["name"] for o in outcomes}):
            raise ValueError(f"not published: {', '.join(missing)} did not run in {run_dir}")
        outcomes = [o for o in outcomes if o["name"] in names]
    if failed := [o["name"] for o in outcomes if o["error"]]:
        raise ValueError(f"not published: {', '.join(failed)} failed in {run_dir}")
    fresh = {}
    for outcome in outcomes:
        executed = tidy_notebook(read_notebook(run_dir / outcome["executed"]))
        committed = read_notebook(notebooks / f"{outcome['name']}.ipynb")
        if [(c.cell_type, c.source) for c in executed.cells] != [
            (c.cell_type, c.source) for c in committed.cells
        ]:
            raise ValueError(
                f"not published: {outcome['name']} has changed since it ran in {run_dir}; run it again"
            )
        shown = shrink_pictures(transplant_outputs(committed, executed))
        fresh[notebooks / f"{outcome['name']}.ipynb"] = tidy_notebook(shown)
    for path, notebook in fresh.items():
        write_notebook(path, notebook)
    written = list(fresh)
    for picture in sorted((run_dir / "figures").glob("*.png")):
        target = Path(figures) / picture.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(target) as temporary:
            temporary.write_bytes(small_png(picture.read_bytes()))
        written.append(target)
    if claims is not None:
        written.append(write_claims_page(notebooks, claims))
    return written
