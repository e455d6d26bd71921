r"""``make env`` asks pip for the right things; pip itself installs two tiny wheels."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("make") is None or sys.platform == "win32", reason="needs make")


def tiny_wheel(folder: Path, name: str, version: str) -> None:
    r"""A wheel that holds one module of the package's name."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"__version__ = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


@pytest.fixture
def make_env(tmp_path):
    r"""Runs ``make env``; its python notes what it is asked and installs only from folders, aside."""
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "pip").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    aside = f'case "$*" in *--no-index*) exec "{sys.executable}" "$@" --target "{tmp_path}/site";; esac'
    (binaries / "python").write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/calls"\n{aside}\n')
    (binaries / "python").chmod(0o755)

    def run(*options: str) -> tuple[list[str], str]:
        command = ["make", "-f", str(ROOT / "Makefile"), "env", f"PYTHON={sys.executable}", *options]
        own = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        own["PIP_CONFIG_FILE"] = os.devnull  # this machine may name a folder of wheels, too
        done = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True)
        calls = tmp_path / "calls"
        asked = calls.read_text().splitlines() if calls.exists() else []
        return asked, done.stderr if done.returncode else ""

    return run


def test_torch_comes_from_a_folder_of_wheels(make_env, tmp_path):
    wheels = tmp_path / "my wheels"
    wheels.mkdir()
    for name, version in (("torch", "2.3.0"), ("torch", "2.5.0"), ("torchvision", "0.20.0")):
        tiny_wheel(wheels, name, version)
    (torch, rest), error = make_env(f"TORCH_INDEX={wheels}")
    assert not error
    assert "--no-deps --no-index --find-links" in torch and "torchvision>=0.19,<1" in torch
    assert rest.endswith("-e .[dev]")  # pip leaves what is installed and fits
    assert "2.5.0" in (tmp_path / "site" / "torch.py").read_text()
    assert (tmp_path / "site" / "torchvision.py").exists()
    assert len(list((tmp_path / ".venv").glob(".installed-*"))) == 1


def test_a_folder_without_torch_installs_nothing(make_env, tmp_path):
    (tmp_path / "wheels").mkdir()
    asked, error = make_env("TORCH_INDEX=wheels")
    assert len(asked) == 1 and "torch" in error
    assert not list((tmp_path / ".venv").glob(".installed-*"))


def test_torch_comes_from_an_index(make_env):
    (torch, _), error = make_env("TORCH_INDEX=https://wheels.example/cpu")
    assert not error and "--no-deps --index-url https://wheels.example/cpu torch>=2.4,<3" in torch


def test_neither_folder_nor_url_is_said(make_env):
    asked, error = make_env("TORCH_INDEX=nowhere")
    assert asked == [] and "TORCH_INDEX=nowhere is neither a URL nor a folder" in error


def test_without_the_option_pip_is_asked_once(make_env):
    (only,), error = make_env()
    assert not error and only.endswith("-e .[dev]") and "torch" not in only


def test_what_a_shell_carries_for_another_python_is_left_out(make_env, tmp_path, monkeypatch):
    for name, value in {"PYTHONPATH": "/opt/other", "PYTHONHOME": "/opt", "PIP_USER": "1"}.items():
        monkeypatch.setenv(name, value)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$PYTHONPATH|$PYTHONHOME|$PIP_USER" >> "{tmp_path}/calls"\n')
    (said,), error = make_env()
    assert not error and said == "||0"


def test_an_environment_without_pip_as_uv_makes_it_gets_one(make_env, tmp_path):
    (tmp_path / ".venv" / "bin" / "pip").unlink()
    (first, rest), error = make_env()
    assert not error and first == "-m ensurepip --default-pip" and rest.endswith("-e .[dev]")


def test_a_clone_that_was_copied_or_moved_with_its_environment_is_installed_where_it_is(make_env, tmp_path):
    make_env()
    (tmp_path / ".venv" / "bin" / "dnt").touch(0o755)
    assert len(make_env()[0]) == 1  # nothing more is asked in the same place
    copy = tmp_path / "a copy"
    shutil.copytree(tmp_path / ".venv", copy / ".venv")
    shutil.copy(tmp_path / "pyproject.toml", copy)
    command = ["make", "-f", str(ROOT / "Makefile"), "env", f"PYTHON={sys.executable}"]
    for times in (1, 2):
        subprocess.run(command, cwd=copy, check=True, capture_output=True)
        first, *more = (tmp_path / "calls").read_text().splitlines()
        assert [call.split()[1] for call in more] == ["venv", "pip"], (
            times
        )  # its scripts name the other place
    assert len(list((copy / ".venv").glob(".installed-*"))) == 1


def test_help_names_every_verb_of_the_readme():
    said = subprocess.run(
        ["make", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True
    ).stdout
    verbs = set(re.findall(r"`make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"env", "run", "test", "lab"} <= verbs
    assert not [verb for verb in verbs if f"make {verb} " not in said]


def test_an_interpreter_in_a_folder_with_a_blank_makes_the_environment(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    python = tmp_path / "my tools" / "python3"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "$@" >> calls\n')
    python.chmod(0o755)
    command = ["make", "-f", str(ROOT / "Makefile"), "env", f"PYTHON={python}"]
    subprocess.run(command, cwd=tmp_path, capture_output=True)  # ends without an environment, after the call
    assert "-m venv .venv" in (tmp_path / "calls").read_text()
