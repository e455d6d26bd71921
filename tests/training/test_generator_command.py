r"""`dnt train generator` as a process: killed with -9 and started again; two processes under torchrun."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from dnt_core.checkpoint import read_checkpoint, write_checkpoint
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.generator import Generator
from dnt_core.training import generator_command
from tests.training.generator_clips import write_clips
from tests.training.train_by_command import RECIPE, train

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory, toy_model):
    root = tmp_path_factory.mktemp("clips")
    write_clips(root, toy_model)
    return root


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory):
    r"""Weights of a run that nothing disturbed."""
    out = tmp_path_factory.mktemp("whole") / "generator.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        train(folder, out, patch.setattr)
    return out


def run(folder, out, killed=0, launcher=()):
    script = str(HERE / "train_by_command.py")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, *launcher, script, str(folder), str(out), str(killed)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)


def test_killed_between_two_reports_it_goes_on_to_the_same_bits(folder, whole, tmp_path, monkeypatch, capfd):
    out = tmp_path / "generator.safetensors"
    found = run(folder, out, killed=5)
    assert found.returncode == -9 and not out.exists(), found.stderr[-2000:]
    assert read_checkpoint(out.with_suffix("") / "stage2_32.safetensors").notes["step"] == 3
    train(folder, out, monkeypatch.setattr)
    assert "UV maps" not in capfd.readouterr().err  # prepared clips were taken up as they lay
    mine, theirs = (read_checkpoint(path).states["generator"] for path in (out, whole))
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    records = [json.loads(path.with_suffix(".json").read_text()) for path in (out, whole)]
    seconds = [record.pop("seconds") for record in records]
    assert records[0] == records[1] and min(seconds) >= 0


def test_sizes_steps_and_a_start_are_taken_and_written_down(folder, whole, tmp_path, monkeypatch):
    out = tmp_path / "generator.safetensors"
    train(folder, out, monkeypatch.setattr, start=whole, sizes=(24,), steps=(2,), seed=3)
    record = json.loads(out.with_suffix(".json").read_text())
    assert record["stages"] == [{"image_size": 24, "steps": 2, "loss": "pixel_gradient"}]
    assert "--size 24 --steps 2 --start generator.safetensors" in record["command"] and record["seed"] == 3
    assert (out.with_suffix("") / "stage1_24.safetensors").exists()
    mine, start = (read_checkpoint(path).states["generator"] for path in (out, whole))
    fresh = Generator(RECIPE.config).state_dict()
    name = "renderer.stem.weight.texture"
    assert 0 < (mine[name] - start[name]).abs().mean() < 0.3 * (mine[name] - fresh[name]).abs().mean()


def test_a_finished_training_is_none_from_other_weights(folder, whole, tmp_path, monkeypatch):
    out = tmp_path / "generator.safetensors"
    options = {"sizes": (24,), "steps": (2,)}
    train(folder, out, monkeypatch.setattr, start=whole, **options)
    kept = out.read_bytes()
    with pytest.raises(ValueError, match="stage1_24.safetensors is of another training: it began from other"):
        train(folder, out, monkeypatch.setattr, **options)  # from nothing
    assert out.read_bytes() == kept
    again = tmp_path / "the_same_weights.safetensors"
    shutil.copyfile(whole, again)
    train(folder, out, monkeypatch.setattr, start=again, **options)


def test_a_finished_training_is_none_of_other_clips(folder, tmp_path, monkeypatch):
    out = tmp_path / "generator.safetensors"
    train(folder, out, monkeypatch.setattr, sizes=(24,), steps=(2,))
    fewer = shutil.copytree(folder, tmp_path / "fewer")
    next(fewer.rglob("*.mp4")).unlink()
    with pytest.raises(ValueError, match="it learnt from other clips, or .* f_d; name another file to write"):
        train(fewer, out, monkeypatch.setattr, sizes=(24,), steps=(2,))


def test_a_stage_goes_on_only_after_the_stages_that_came_before_it(folder, tmp_path, monkeypatch):
    out = tmp_path / "generator.safetensors"
    train(folder, out, monkeypatch.setattr, sizes=(16, 24), steps=(2, 2))
    with pytest.raises(ValueError, match="stage2_24.safetensors is of another training"):
        train(folder, out, monkeypatch.setattr, sizes=(20, 24), steps=(2, 2))


def test_an_f_d_of_somebody_else_is_said(folder, tmp_path, monkeypatch, capfd):
    for name, actors in (("theirs", ["M011", "W009"]), ("mine", ["M003"])):
        notes = {"hidden": [8], "made_with": {"actors": actors}}
        write_checkpoint(tmp_path / f"{name}.safetensors", notes, network=DecouplingNetwork((8,)))
    monkeypatch.setattr(generator_command, "train_stages", lambda *given: 1 / 0)  # what comes before is told
    told = {}
    for name in ("theirs", "mine"):
        with pytest.raises(ZeroDivisionError):
            train(
                folder,
                tmp_path / "g.safetensors",
                monkeypatch.setattr,
                decoupling=tmp_path / f"{name}.safetensors",
            )
        told[name] = capfd.readouterr().err
    assert f"{tmp_path / 'theirs.safetensors'} was trained on M011, W009, not on M003" in told["theirs"]
    assert "was trained on" not in told["mine"]


@pytest.mark.slow
def test_two_processes_share_the_command_and_one_writes(folder, whole, tmp_path):
    pytest.importorskip("lightning.fabric")
    out = tmp_path / "generator.safetensors"
    found = run(folder, out, launcher=("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"))
    assert found.returncode == 0, found.stderr[-2000:]
    two, one = (json.loads(path.with_suffix(".json").read_text()) for path in (out, whole))
    measured = sorted(map(int, re.findall(r"measured (\d+) numbers", found.stdout)))
    assert measured == [0, len(two["metrics"])]
    assert "2 processes of" in two["machine"] and two["command"] == one["command"]
    states = [read_checkpoint(path).states["generator"] for path in (whole, out)]
    apart = max(float((states[0][name] - states[1][name]).abs().max()) for name in states[0])
    assert apart < 5e-3, apart  # a step moves weights by 1e-3; 16-bit files
    for name, value in one["metrics"].items():
        assert two["metrics"][name] == pytest.approx(value, abs=5e-3 if "ssim" in name else 0.05), name
