r"""Trained weights are written before they are measured, tables before they are printed or drawn."""

from types import SimpleNamespace

import pytest
from rich.console import Console
from typer.testing import CliRunner

from dnt_core.audio.voice_expression import ProsodyNetwork, load_prosody_network
from dnt_core.cli import app
from dnt_core.networks.sync_network import SyncNetwork
from dnt_core.studies.perceptual_study import report
from dnt_core.training import sync_command
from dnt_core.training.lips import command as lips_command
from dnt_core.training.sync_network import load_sync_network

RESPONSES = "observer,group,identity,expression,clip,intensity,rank\n" + "".join(
    f"o{o},g1,M003,happy,c{i},{i / 3:.3f},{i + 1}\n" for o in (1, 2) for i in range(4)
)


def fail(*args, **options):
    raise RuntimeError("the measurement failed")


def test_the_sync_network_outlives_its_measurement(tmp_path, monkeypatch):
    clip = SimpleNamespace(actor="M003", view="front", clip=SimpleNamespace(number=1))
    monkeypatch.setattr(sync_command, "scan", lambda data: None)
    monkeypatch.setattr(sync_command, "readable_front", lambda index, actor: ([clip], []))
    monkeypatch.setattr(sync_command, "_with_landmarks", lambda clips, problems: clips)
    monkeypatch.setattr(sync_command, "read_sync_clips", lambda clips, folder: clips)
    monkeypatch.setattr(sync_command, "hold_out_numbers", lambda clips: (clips, clips))
    trained = SimpleNamespace(network=SyncNetwork(), cpu_seconds=0.0, run=lambda *args, **options: [])
    monkeypatch.setattr(sync_command, "SyncTraining", lambda *args: trained)
    monkeypatch.setattr(sync_command, "measure_sync_network", fail)
    with pytest.raises(RuntimeError, match="measurement failed"):
        sync_command.train_with_progress("M003", tmp_path, tmp_path / "sync.safetensors")
    assert isinstance(load_sync_network(tmp_path / "sync.safetensors"), SyncNetwork)


def test_the_prosody_network_outlives_its_measurement(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lips_command, "acted_phrases", lambda *args: None)
    monkeypatch.setattr(lips_command, "train_moods", lambda data, config: ProsodyNetwork())
    monkeypatch.setattr(lips_command, "held_out_phrases", lambda: None)
    monkeypatch.setattr(lips_command, "measure_moods", fail)
    with pytest.raises(RuntimeError, match="measurement failed"):
        lips_command.train_moods_with_progress(tmp_path / "moods.safetensors")
    assert isinstance(load_prosody_network(tmp_path / "moods.safetensors"), ProsodyNetwork)


@pytest.mark.parametrize("name", ["print_scores", "save_figure6"])
def test_scores_outlive_their_print_and_their_figure(name, tmp_path, monkeypatch):
    (tmp_path / "answers.csv").write_text(RESPONSES)
    monkeypatch.setattr(report, name, fail)
    with pytest.raises(RuntimeError, match="measurement failed"):
        report.score_file(tmp_path / "answers.csv", console=Console(quiet=True))
    written = {path.name for path in (tmp_path / "answers_scores").iterdir()}
    assert {"scores.csv", "summary.csv", "order_matrices.json"} <= written


@pytest.mark.parametrize("network", ["generator", "decoupling", "sync", "lips", "moods"])
def test_a_name_that_no_weights_are_found_by_is_said_before_the_training(network, tmp_path, monkeypatch):
    r"""``--out gen``: the checkpoints of a generator lie in a folder of that name, so none was written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.safetensors").mkdir()
    for out, said in (("gen", "weights go to a .safetensors, got gen"), ("folder.safetensors", "a folder")):
        found = CliRunner().invoke(app, ["train", network, "--out", out])
        assert found.exit_code == 2 and said in found.output, found.output
    assert [path.name for path in tmp_path.iterdir()] == ["folder.safetensors"]
