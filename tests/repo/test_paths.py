r"""Where things lie: the same from any working directory, ``DNT_HOME`` first, a sentence where nothing is."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import dnt_core
from dnt_core import paths
from dnt_core.assets import find_asset, short_path, torch_cache_folder
from dnt_core.audio.lip_motion import lip_motion
from dnt_core.clips import FaceCache, read_audio, read_provenance, video_info, write_audio
from dnt_core.clips.convert import convert_video
from dnt_core.live.static_page.build import build_page
from dnt_core.tracking.registry import read_track
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.workbook import open_notebook

CLONE = Path(__file__).parents[2]
SHIPPED = CLONE / "weights" / "generator_M003_128.safetensors"


@pytest.fixture(autouse=True)
def _no_home(monkeypatch):
    monkeypatch.delenv("DNT_HOME", raising=False)


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """As after an install that is not editable: the package lies in no clone."""
    package = tmp_path / "site-packages" / "dnt_core"
    package.mkdir(parents=True)
    monkeypatch.setattr(paths, "PACKAGE", package)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return package


def make_clone(folder: Path) -> Path:
    (folder / "notebooks").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "dnt-core"\n')
    return folder


def test_another_projects_notebooks_do_not_take_the_runs(monkeypatch, tmp_path):
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    for here in (tmp_path, tmp_path / "notebooks" / "deep", CLONE / "tests"):
        monkeypatch.chdir(here)
        assert paths.repository_root() == CLONE and paths.runs_folder() == CLONE / "runs"


def test_home_variable_comes_first(monkeypatch, tmp_path):
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    assert paths.runs_folder() == tmp_path / "runs" and paths.assets_folder() == tmp_path / "assets"
    assert paths.cache_folder() == tmp_path / "cache" and (tmp_path / "cache").is_dir()
    assert paths.repository_root() == CLONE and paths.weights_folder() == CLONE / "weights"
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "generator_X_64.safetensors").touch()
    assert paths.weights_folder() == tmp_path / "weights"


def test_a_home_that_there_is_not_is_said_and_blanks_are_none(monkeypatch, tmp_path):
    monkeypatch.setenv("DNT_HOME", "  ")
    assert paths.runs_folder() == CLONE / "runs"
    monkeypatch.setenv("DNT_HOME", "~nobody-of-this-name/dnt")
    for ask in (paths.home_folder, paths.cache_folder, paths.find_repository):
        with pytest.raises(ValueError, match="DNT_HOME is '~nobody-of-this-name/dnt'"):
            ask()
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    monkeypatch.setenv("DNT_BFM", "~nobody-of-this-name/bfm.mat")
    with pytest.raises(ValueError, match="DNT_BFM is '~nobody"):
        find_asset("bfm")


def test_installed_package_finds_the_clone_it_is_used_in(monkeypatch, tmp_path, installed):
    clone = make_clone(tmp_path / "clone")
    monkeypatch.chdir(clone / "notebooks")
    assert paths.repository_root() == clone and paths.runs_folder() == clone / "runs"


def test_installed_package_without_a_clone(monkeypatch, tmp_path, installed):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="DNT_HOME"):
        paths.repository_root()
    assert paths.runs_folder() == tmp_path / "home" / "dnt" / "runs"
    with pytest.raises(FileNotFoundError, match="shipped weights were not found in .*DNT_HOME"):
        paths.weights_folder()
    (installed / "weights").mkdir()
    (installed / "weights" / "generator_X_64.safetensors").touch()
    assert paths.weights_folder() == installed / "weights"


def test_the_name_of_a_shipped_file_is_enough(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    name = "sync_M003.safetensors"
    assert paths.weights_file(name) == CLONE / "weights" / name
    assert paths.weights_file(f"weights/{name}") == Path("weights") / name
    assert paths.weights_file("none.safetensors") == Path("none.safetensors")
    (tmp_path / name).touch()
    assert paths.weights_file(name) == Path(name)
    record = json.loads((CLONE / "weights" / "table2.json").read_text("utf-8"))
    assert record["command"].endswith(f"--sync {name}")


def test_cache_follows_the_rule(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert paths.cache_folder() == tmp_path / "home" / ".cache" / "dnt"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert paths.cache_folder() == tmp_path / "xdg" / "dnt"


def test_cache_where_nothing_can_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").touch()  # no folder can be made below a file
    for name in ("DNT_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "file"))
    monkeypatch.setattr(paths.tempfile, "gettempdir", lambda: str(tmp_path))
    place = paths.cache_folder()
    assert place.parent == tmp_path and os.access(place, os.W_OK)
    assert place == paths.cache_folder()  # found again


def test_a_user_without_a_home(monkeypatch, tmp_path, installed):
    """As in a container under another user's number: no HOME, no entry in the system's list."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_CACHE_HOME", "TORCH_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.setattr(paths.tempfile, "gettempdir", lambda: str(tmp_path))
    assert paths.cache_folder().parent == tmp_path and paths.runs_folder().is_relative_to(tmp_path)
    assert torch_cache_folder().is_relative_to(tmp_path) and short_path(tmp_path) == f"{tmp_path}/"


def test_trainings_end_in_the_runs_folder(monkeypatch, tmp_path):
    from dnt_core.training import decoupling_command

    monkeypatch.setenv("DNT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(decoupling_command, "_frames", lambda *asked: SimpleNamespace(face_model=""))
    monkeypatch.setattr(decoupling_command, "load_face_model", lambda source: None)
    monkeypatch.setattr(
        decoupling_command,
        "train_and_save",
        lambda out, frames, model, config, measure, command, *more: {"out": out, "command": command},
    )
    found = decoupling_command.train_with_progress("M003", None, None, "procedural", 0, dict)
    assert found["out"] == tmp_path / "home" / "runs" / "weights" / "decoupling_M003.safetensors"
    asked = decoupling_command.train_with_progress(
        "M003", None, None, "procedural", 12345678, dict, lambda2=0.0, steps=None
    )
    assert asked["command"] == "dnt train decoupling --actor M003 --lambda2 0 --seed 12345678"


def test_a_folder_on_another_drive_is_shown_whole(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert paths.from_here(tmp_path / "runs") == Path("runs")

    def no_way(path):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")  # as Windows has it

    monkeypatch.setattr(os.path, "relpath", no_way)
    assert paths.from_here(tmp_path / "runs") == tmp_path / "runs"  # dnt run ended with it after its hours


@pytest.mark.parametrize(
    "opened",
    [
        lambda: dnt_core.load("~/none.safetensors"),
        lambda: dnt_core.scan("~/none"),
        lambda: dnt_core.read_face_cache("~/none.mp4"),
        lambda: dnt_core.load_face_model("~/none.mat"),
        lambda: dnt_core.talk("~/none.wav"),
        lambda: dnt_core.talk("~/a.wav", weights="~/none.safetensors"),
        lambda: dnt_core.LiveFace("~/none.safetensors"),
        lambda: dnt_core.LiveFace(SHIPPED, "~/none.mp4"),
        lambda: dnt_core.load("M003", 128, device="cpu")("~/none.mp4", "happy"),
        lambda: read_audio("~/none.wav"),
        lambda: video_info("~/none.mp4"),
        lambda: read_provenance("~/none.mp4"),
        lambda: convert_video("~/none.avi", "~/out.mp4"),
        lambda: read_track("~/none.npz"),
        lambda: lip_motion("given", path="~/none.npy", fps=25),
        lambda: lip_motion("built-in", weights="~/none.safetensors")(np.zeros(16000), 16000, 25, 25),
        lambda: load_decoupling_network("~/none.safetensors"),
        lambda: build_page("~/page", "~/none.safetensors"),
        lambda: open_notebook("01_x", data_dir="~/none"),
    ],
)
def test_the_users_folder_is_meant_by_its_sign_in_python_too(opened, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with pytest.raises((ValueError, OSError)) as error:  # it was "~/none… is not there"
        opened()
    assert str(tmp_path / "none") in str(error.value)


def test_what_is_written_goes_to_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    frames, face = np.zeros((2, 32, 32, 3), np.uint8), FaceCache(np.zeros((2, 257)), 25, "procedural", "x")
    for name, write in (
        ("a.mp4", lambda path: dnt_core.write_video(path, frames, 25, mark=False)),
        ("a.wav", lambda path: write_audio(path, np.zeros(100))),
        ("a.face3d.npz", lambda path: dnt_core.write_face_cache(path, face)),
    ):
        assert write(f"~/{name}") == tmp_path / name and (tmp_path / name).is_file()
