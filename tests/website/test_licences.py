r"""docs/licences.md names what pyproject.toml asks for, what packages say of themselves, and every asset."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

from dnt_core.assets import ASSETS

ROOT = Path(__file__).parents[2]
#: Words by which a package's own metadata name a licence that the page writes as SPDX does.
WORDS = {
    "BSD-2-Clause": "BSD", "BSD-3-Clause": "BSD", "MIT": "MIT", "Apache-2.0": "Apache", "ISC": "ISC",
    "MPL-2.0": "MPL|Mozilla", "LGPL-2.1-or-later": "LGPL", "PSF-based": "Python Software Foundation",
}  # fmt: skip


def rows(heading: str) -> list[list[str]]:
    section = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8").split(f"## {heading}")[1]
    table = section.split("\n|---")[1].split("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def asked_for() -> dict[str, str]:
    r"""Package → when it is installed, as pyproject.toml says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"always": project["dependencies"]}
    groups |= {f"extra `{name}`": items for name, items in project["optional-dependencies"].items()}
    named = {re.match(r"[\w-]+", item)[0]: when for when, items in groups.items() for item in items}
    return {name: when for name, when in named.items() if name != project["name"]}


def test_the_table_has_every_package_and_no_other():
    assert {name: when for name, _, when in rows("What is installed")} == asked_for()


@pytest.mark.parametrize(("name", "licence", "when"), rows("What is installed"))
def test_an_installed_package_says_the_same(name, licence, when):
    try:
        said = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{name} is not installed")
    classifiers = [line for line in said.get_all("Classifier") or () if line.startswith("License")]
    own = " ".join([said.get("License-Expression") or "", said.get("License") or "", *classifiers])
    if not own.strip():
        assert licence.startswith("states none")
        return
    for part in re.split(r" AND | ", licence.split(" (")[0]):
        assert re.search(WORDS[part], own, re.I), f"{name} says {own[:200]}"


def test_every_asset_has_its_row():
    table = {title: licence for title, licence in rows("What is optional and never shipped")}
    assert table == {asset.title: asset.source for asset in ASSETS.values()}


def test_binder_installs_what_pyproject_has():
    requirements = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8")
    (extras,) = re.findall(r"^-e \.\[([\w,]+)\]$", requirements, re.M)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(extras.split(",")) <= project["optional-dependencies"].keys()
    version = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert project["requires-python"] == f">={version}"
