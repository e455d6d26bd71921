r"""pyproject.toml and environment.yml name the same packages in the same ranges."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import typer
import yaml

import dnt_core.cli

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


# What a requirement's name and its module's differ in, and what is started, not imported.
MODULE = {
    "scikit-learn": "sklearn",
    "scikit-image": "skimage",
    "pyyaml": "yaml",
    "dask": "distributed",
    "espeakng-loader": "espeakng_loader",
}
STARTED = {
    "jupyterlab",
    "pytest",
    "pytest-timeout",
    "pytest-xdist",
    "nbval",
    "ruff",
    "import-linter",
    "basedpyright",
    "myst-nb",  # website/conf.py names it and the theme
    "furo",
    "onnx",  # torch.onnx.export asks
    "websockets",  # uvicorn asks
}
ONLY_OFFERED = {"seaborn", "librosa"}  # as the comments beside them say
BROUGHT = {"pytorch3d", "mediapipe"}  # used where the user has installed them
COMES_WITH = {
    "PIL": "matplotlib",
    "filelock": "torch",
    "traitlets": "ipywidgets",
    "jupyter_client": "ipykernel",
} | {name: "jupyterlab" for name in ("jupyter_server", "tornado", "IPython", "packaging")}


def imported(*folders: str) -> set[str]:
    found = set()
    asked = re.compile(r"importorskip\(\"(\w+)")
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        found |= set(asked.findall(text := path.read_text(encoding="utf-8")))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def test_every_package_that_is_asked_for_is_used():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ours = imported("dnt_core")
    needed = [split(item)[0] for item in project["dependencies"]]
    assert [n for n in needed if MODULE.get(n, n) not in ours and n not in STARTED] == []
    everywhere = imported("dnt_core", "tests", "benchmarks", "notebooks", "website")
    rest = set(from_pyproject()) - set(needed) - STARTED - ONLY_OFFERED
    assert [n for n in sorted(rest) if MODULE.get(n, n) not in everywhere] == []


def test_every_import_of_the_package_is_asked_for():
    names = {MODULE.get(name, name) for name in from_pyproject()}
    foreign = imported("dnt_core") - set(sys.stdlib_module_names) - {"dnt_core"} - BROUGHT
    assert [n for n in sorted(foreign) if n not in names and COMES_WITH.get(n) not in names] == []


def test_only_commands_that_exist_are_named():
    app = typer.main.get_command(dnt_core.cli.app)
    pages = [*(ROOT / "notebooks").glob("*.py"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    pages += (ROOT / "dnt_core").rglob("*.py")
    strange = set()
    for page in pages:
        for command in re.findall(r"[`\"]dnt ([a-z]+)", page.read_text(encoding="utf-8")):
            if command not in app.commands:
                strange.add((page.name, command))
    assert not strange


def test_the_version_is_one():
    version = dnt_core.__version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert headings[0] == version


def test_hosted_checks_cover_three_systems_and_the_conda_solve():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    assert {name.split("-")[0] for name in jobs["test"]["strategy"]["matrix"]["os"]} == {
        "ubuntu", "macos", "windows",
    }  # fmt: skip
    (solve,) = (step["with"] for step in jobs["conda"]["steps"] if "with" in step)
    assert solve["environment-file"] == "environment.yml"
