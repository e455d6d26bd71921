r"""``dnt evaluate``: one row for weights of one's own on clips of one's own."""

import json

import pytest
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.networks.generator import Generator
from dnt_core.studies.table2 import evaluate, judges
from dnt_core.training import preprocessing
from dnt_core.training.generator_weights import save_generator
from tests.networks.generator_inputs import TINY
from tests.training.generator_clips import write_clips


@pytest.fixture
def at_home(tmp_path, toy_model, monkeypatch):
    r"""A folder of clips and a generator's file; runs go to a folder of the test's own."""
    monkeypatch.setattr(evaluate, "runs_folder", lambda: tmp_path / "runs")
    monkeypatch.setattr(preprocessing, "load_face_model", lambda source: toy_model)
    fit = judges.FIT
    monkeypatch.setattr(judges.Judges.fit.__func__, "__defaults__", (type(fit)("small", epochs=1), None))
    write_clips(tmp_path / "clips", toy_model)
    notes = {"identity": "M003", "image_size": 32, "decoupling": None, "seed": 0}
    save_generator(tmp_path / "mine.safetensors", Generator(TINY), notes)
    return tmp_path


def test_a_row_for_anybodys_weights_on_their_own_clips(at_home):
    command = ["evaluate", "--weights", str(at_home / "mine.safetensors"), "--data", str(at_home / "clips")]
    found = CliRunner().invoke(app, [*command, "--json"])
    assert found.exit_code == 0, found.output
    row = json.loads(found.stdout[found.stdout.index("{") :])
    assert row["about"] == {"image_size": 32, "clips": 4}
    assert row["psnr"]["low"] <= row["psnr"]["mean"] <= row["psnr"]["high"] and row["psnr"]["clips"] == 4
    assert row["ce_type"]["clips"] == 4 and row["ce_level"]["clips"] == 3  # neutral has no level
    assert (
        {"ssim", "flicker"} <= set(row) and "css" not in row and "lmd_px" not in row
    )  # no sound, no landmarks
    table = CliRunner().invoke(app, command)
    assert "PSNR" in table.output and "4 test clips at 32 px" in table.output


@pytest.mark.parametrize("way", [(), ("--json",)])
def test_weights_of_another_face_model_are_one_sentence(at_home, way):
    r"""The clips hold numbers of the model "toy"."""
    notes = {"identity": "M003", "image_size": 32, "decoupling": None, "seed": 0, "face_model": "bfm2009"}
    save_generator(at_home / "other.safetensors", Generator(TINY), notes)
    command = ["evaluate", "--weights", str(at_home / "other.safetensors"), "--data", str(at_home / "clips")]
    found = CliRunner().invoke(app, [*command, *way])
    assert found.exit_code == 2 and len(found.stderr.splitlines()) == 1, found.output
    assert "other.safetensors belongs to 'bfm2009': the same 257 numbers mean another face" in found.stderr
    assert "holds numbers of the face model 'toy'" in found.stderr
    assert not (at_home / "runs").exists()  # nothing was prepared before it was said


def test_weights_that_are_not_there_are_one_sentence(tmp_path):
    found = CliRunner().invoke(app, ["evaluate", "--weights", str(tmp_path / "none.safetensors")])
    assert found.exit_code == 1 and "none.safetensors" in found.output and "Traceback" not in found.output
