import importlib.metadata
import json

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from dnt_core import assets, doctor
from dnt_core.assets import ASSETS, find_asset, require_asset
from dnt_core.cli import app


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    for asset in ASSETS.values():
        monkeypatch.delenv(asset.variable, raising=False)
    monkeypatch.delenv("DNT_ASSETS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def put(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def test_nothing_there(tmp_path):
    assert [key for key in ASSETS if find_asset(key)] == []
    with pytest.raises(
        FileNotFoundError, match=r"BFM 2009 face model was not found.*BFM_model_front.mat.*assets/"
    ):
        require_asset("bfm")


def test_found_in_the_default_folder_then_named_folders_then_variable(tmp_path, monkeypatch):
    here = put(tmp_path / "assets" / "BFM_model_front.mat")
    assert find_asset("bfm").resolve() == here
    there = put(tmp_path / "elsewhere" / "BFM" / "BFM_model_front.mat")
    monkeypatch.setenv("DNT_ASSETS", str(tmp_path / "elsewhere"))
    assert require_asset("bfm") == there
    own = put(tmp_path / "mine.chj")
    monkeypatch.setenv("DNT_BFM", str(own))
    assert find_asset("bfm") == own


def test_a_notebook_finds_what_lies_in_the_repository_or_beside_it(tmp_path, monkeypatch):
    notebooks = tmp_path / "clone" / "notebooks"
    notebooks.mkdir(parents=True)
    monkeypatch.setenv("DNT_HOME", str(notebooks.parent))
    monkeypatch.chdir(notebooks)
    beside = put(tmp_path / "shared" / "data" / "crema_d" / "ieo_votes.csv").parent
    assert find_asset("crema_d").resolve() == beside and find_asset("bfm") is None
    own = put(tmp_path / "clone" / "assets" / "CREMA-D" / "tabulatedVotes.csv").parent
    assert find_asset("crema_d").resolve() == own


def test_a_wrong_variable_is_said_not_passed_over(tmp_path, monkeypatch):
    put(tmp_path / "assets" / "wm3dr.pth")
    monkeypatch.setenv("DNT_WM3DR", str(tmp_path / "gone.pth"))
    with pytest.raises(FileNotFoundError, match="DNT_WM3DR=.*gone.pth names no file"):
        find_asset("wm3dr")


def test_a_file_is_no_folder(tmp_path):
    put(tmp_path / "assets" / "MEAD")
    assert find_asset("mead") is None


def test_torch_weights_in_the_cache(tmp_path):
    weights = put(tmp_path / "torch" / "hub" / "checkpoints" / "vgg19-dcbb9e9d.pth")
    assert find_asset("vgg19") == weights


def test_a_relative_torch_home_is_the_same_folder_for_a_notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TORCH_HOME", "torch")
    assert assets.absolute_variables()["TORCH_HOME"] == str(tmp_path / "torch")
    monkeypatch.delenv("TORCH_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert assets.torch_cache_folder() == tmp_path / "home" / ".cache" / "torch" / "hub" / "checkpoints"


@pytest.mark.parametrize(
    "kind, advice", [("mps", ""), ("cpu", "a GPU would train generators and classifiers")]
)
def test_doctor_wishes_for_a_gpu_only_where_none_is_used(kind, advice, monkeypatch):
    monkeypatch.setattr("dnt_core.own_torch.one_device", lambda: torch.device(kind))
    (device,) = [finding for finding in doctor._torch() if finding.name == "device"]
    assert device.unlocks == advice


def test_unknown_asset():
    with pytest.raises(ValueError, match="no asset 'bmf'"):
        find_asset("bmf")


def test_doctor_lists_everything_once_and_says_what_is_found(tmp_path, monkeypatch):
    put(tmp_path / "assets" / "syncnet_v2.model")
    monkeypatch.setenv("DNT_WAV2LIP", "nowhere.pth")
    done = CliRunner().invoke(app, ["doctor", "--json"])
    findings = json.loads(done.stdout)
    assert done.exit_code == (1 if any(f["state"] == "missing" for f in findings) else 0)
    names = [f["name"] for f in findings]
    assert len(set(names)) == len(names) and {"Python", "torch", "device", "PyTorch3D", "numba"} <= set(names)
    state = {f["name"]: f for f in findings}
    assert state["SyncNet weights"]["state"] == "ok" and state["MEAD videos"]["state"] == "optional"
    assert "names no file" in state["Wav2Lip checkpoint"]["detail"]
    assert all(f["unlocks"] and f["looked"] for f in findings if f["group"] == "Optional assets")


def test_doctor_looks_for_every_package_that_is_needed_in_a_version_that_will_do(monkeypatch):
    asked = ["websockets>=13", "numpy>=2,<3", "onnx>=1; extra == 'live'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: asked)
    versions = {"numpy": "2.1", "websockets": "14.0"}
    monkeypatch.setattr(importlib.metadata, "version", lambda name: versions.get(name) or missing(name))

    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    assert (doctor._required().state, doctor._required().detail) == ("ok", "all 2 that dnt-core needs")
    versions |= {"numpy": "1.26", "websockets": ""}  # it said that everything needed was there
    said = "websockets not installed, expected >=13; numpy 1.26, expected <3,>=2"
    assert (doctor._required().state, doctor._required().detail) == ("missing", said)


def test_doctor_says_where_things_lie(tmp_path, monkeypatch):
    def folders():
        return {f.name: f for f in doctor.examine() if f.group == "Folders"}

    found = folders()
    assert found["runs"].detail == str(tmp_path / "runs")
    (tmp_path / "cache" / "built").mkdir()
    (tmp_path / "cache" / "built" / "mesh.safetensors").write_bytes(bytes(3_000_000))
    assert folders()["cache"].detail == f"{tmp_path / 'cache'}: 3 MB in 1 files"
    assert {f.state for f in found.values()} == {"ok"}
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)
    monkeypatch.setattr(doctor.paths, "weights_folder", _nowhere)
    found = folders()
    assert found["runs"].state == "missing" and "DNT_HOME names another folder" in found["runs"].detail
    assert found["shipped weights"].state == "missing"


def _nowhere():
    raise FileNotFoundError("the shipped weights were not found")


def test_doctor_prints_a_table():
    console = Console(record=True, width=140)
    doctor.print_report(doctor.examine(), console)
    text = console.export_text()
    assert all(asset.title in text and asset.variable in text for asset in ASSETS.values())
