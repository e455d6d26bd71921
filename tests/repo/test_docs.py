r"""What the documents name is there: files, modules, rooms, commands."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "README.md"])


def settings() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_files_that_a_page_names_are_there(page):
    r"""In backticks or as a link, from the root, from the page's folder or from the package."""
    text = page.read_text()
    named = re.findall(r"`((?:dnt_core|tests|docs|notebooks|benchmarks|weights)/[\w./-]+)`", text)
    named += [link for link in re.findall(r"\]\(([^)#\s]+)\)", text) if "://" not in link]
    missing = [
        name
        for name in named
        if not any((folder / name).exists() for folder in (ROOT, page.parent, ROOT / "dnt_core"))
    ]
    assert not missing


def test_modules_that_the_architecture_names_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text()
    named = set(re.findall(r"\b((?:\w+/)+\w+\.py|\w+\.py)\b", text))
    missing = [
        name for name in named if not any((ROOT / place / name).exists() for place in ("dnt_core", ""))
    ]
    assert len(named) > 20 and not missing


def test_the_table_of_rooms_is_the_list_that_is_checked():
    (layers,) = (c["layers"] for c in settings()["contracts"] if c["type"] == "layers")
    table = (ROOT / "docs" / "architecture.md").read_text().split("<!-- rooms:")[1]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert [re.findall(r"`(\w+)`", row) for row in rows] == [layer.split(" | ") for layer in layers]
