r"""``dnt run`` and ``dnt notebooks``: notebooks of two cells that are run, edited, tidied and published."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dnt_core.atomic_write import atomic_path


def notebooks(folder: Path) -> None:
    from tests.repo.tiny_notebooks import OPEN, build

    for name, cell in (("01_one", "run.record(x=1.0)"), ("02_two", "run.record(y=2.0)")):
        build(folder / "notebooks" / f"{name}.ipynb", OPEN.format(name=name), cell, pair=True)


def run(folder: Path) -> None:
    from dnt_core.workbook.runner import run_series

    report = run_series(folder=folder / "notebooks", out_dir=folder / "run")
    if report.failed:
        raise ValueError(f"a notebook failed: {report}")


def edited_notebooks(folder: Path) -> None:
    notebooks(folder)
    for path in sorted((folder / "notebooks").glob("*.py")):
        path.write_text(path.read_text().replace("run.record(", "run.record(z=3.0, "))


def sync(folder: Path) -> None:
    from dnt_core.workbook.notebook_pairs import sync_pair

    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        sync_pair(path, "newer", lambda line: None)


def untidy_notebooks(folder: Path) -> None:
    notebooks(folder)
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        text = path.read_text()
        path.write_text(text.replace('"metadata": {}', '"metadata": {"collapsed": true}', 1))


def strip(folder: Path) -> None:
    from dnt_core.cli.notebooks import notebooks_strip

    notebooks_strip.__wrapped__(folder / "notebooks")


def finished_run(folder: Path) -> None:
    from PIL import Image

    notebooks(folder)
    run(folder)
    for name in ("one", "two"):
        path = folder / "run" / "figures" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        with atomic_path(path) as part:
            noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
            Image.fromarray(noise).save(part, "png")


def publish(folder: Path) -> None:
    from dnt_core.workbook.publish import publish_run

    publish_run(folder / "run", folder / "notebooks", folder / "figures", folder / "claims.md")


def published_run(folder: Path) -> None:
    from dnt_core.workbook.publish import publish_run

    finished_run(folder)
    publish_run(folder / "run", folder / "notebooks", folder / "figures", None)


def claims(folder: Path) -> None:
    from dnt_core.workbook.claims_page import write_claims_page

    write_claims_page(folder / "notebooks", folder / "claims.md")
