r"""pyproject.toml and environment.yml name the same packages in the same ranges."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
CONDA_NAME = {"torch": "pytorch", "soundfile": "pysoundfile", "soxr": "soxr-python"}
CONDA_ONLY = {"python", "pip", "pytorch3d"}
CARD = ("torch jupyterlab ipywidgets matplotlib seaborn scikit-learn torchvision papermill nbval").split()


def split(requirement: str) -> tuple[str, str]:
    name, extras, bounds = re.fullmatch(r"([\w-]+)(\[[\w,]+\])?\s*(.*)", requirement.strip()).groups()
    return name.lower(), bounds.replace(" ", "")


def from_pyproject() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return {name: bounds for group in groups for name, bounds in map(split, group) if name != project["name"]}


def from_conda() -> tuple[dict[str, str], dict[str, str]]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = dict(split(item) for item in listed if isinstance(item, str))
    pip = [item for block in listed if isinstance(block, dict) for item in block["pip"]]
    return conda, dict(split(item) for item in pip if not item.startswith("-"))


def test_the_two_files_agree():
    conda, pip = from_conda()
    expected = {CONDA_NAME.get(name, name): bounds for name, bounds in from_pyproject().items()}
    expected["distributed"] = expected["dask"]  # on PyPI an extra of dask, on conda-forge a package
    have = {name: bounds for name, bounds in (conda | pip).items() if name not in CONDA_ONLY}
    assert have == expected


def test_python_bounds_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert from_conda()[0]["python"] == project["requires-python"]


def test_the_packages_asked_for_are_there():
    ours = from_pyproject()
    assert [name for name in CARD if name not in ours] == []
    assert "pytorch3d" in from_conda()[0]


def test_every_package_has_a_lower_bound():
    assert [name for name, bounds in from_pyproject().items() if not bounds.startswith(">=")] == []


def test_dev_holds_every_other_extra():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(re.findall(r"\w+", extras["dev"][0].split("[")[1])) == set(extras) - {"dev"}
