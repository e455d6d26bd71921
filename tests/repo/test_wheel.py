r"""What a wheel holds, unpacked where no clone is around it: the weights, the pages, the answers of paths."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CLONE = Path(__file__).parents[2]
PARTS = ("dnt_core", "weights", "pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")
MODERN = "import setuptools as s, sys; sys.exit(int(s.__version__.split('.')[0]) < 77)"
ASK = """
import dnt_core, dnt_core.paths as p
from dnt_core.training.generator_weights import find_generators, open_generator
weights = find_generators(size=256)
print(p.PACKAGE, p.weights_folder(), p.runs_folder(), p.find_repository(), sep="\\n")
print(*weights, open_generator(weights["M003"]).decoupling() is not None)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    if subprocess.run([sys.executable, "-c", MODERN], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("setuptools 77 or newer is not installed beside the tests")
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    leave = shutil.ignore_patterns("__pycache__", "*.nbi", "*.nbc")
    for part in PARTS:
        if (CLONE / part).is_dir():
            shutil.copytree(CLONE / part, source / part, ignore=leave)
        else:
            shutil.copy(CLONE / part, source / part)
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(out)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (file,) = out.glob("*.whl")
    return file


def test_a_wheel_holds_all_that_the_package_reads(wheel):
    with zipfile.ZipFile(wheel) as file:
        held = {name for name in file.namelist() if name.startswith("dnt_core/")}
    there = {path.relative_to(CLONE).as_posix() for path in (CLONE / "dnt_core").rglob("*") if path.is_file()}
    there = {n for n in there if not n.endswith((".pyc", ".nbi", ".nbc")) and "__pycache__" not in n}
    shipped = [path for path in (CLONE / "weights").rglob("*") if path.is_file() and path.suffix != ".md"]
    weights = {f"dnt_core/{path.relative_to(CLONE).as_posix()}" for path in shipped}
    assert "dnt_core/weights/table2/ours_0.safetensors" in weights
    assert held == there | weights
    assert wheel.stat().st_size <= 25e6


def test_an_unpacked_wheel_finds_its_weights(wheel, tmp_path, monkeypatch):
    target, home = tmp_path / "site", tmp_path / "home"
    home.mkdir()
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True, capture_output=True)
    monkeypatch.setenv("PYTHONPATH", str(target))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("DNT_HOME", raising=False)
    done = subprocess.run([sys.executable, "-c", ASK], cwd=home, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    package, weights, runs, clone, generators = done.stdout.splitlines()
    assert Path(package) == target / "dnt_core" and Path(weights) == target / "dnt_core" / "weights"
    assert Path(runs) == home / "dnt" / "runs" and clone == "None"
    assert generators == "M003 M011 W009 True"
