r"""``dnt evaluate``: one row for weights of one's own on clips of one's own."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import dnt_core.actor
from dnt_core.cli import app
from dnt_core.clips import read_face_cache, write_face_cache
from dnt_core.networks.generator import Generator
from dnt_core.studies.table2 import evaluate, judges
from dnt_core.studies.table2.films import SIZES, actor_clips, some_test_clips, users_clips
from dnt_core.training import preprocessing
from dnt_core.training.generator_weights import save_generator
from dnt_core.training.preprocessing import with_a_face
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


def test_judges_that_are_given_leave_every_clip_to_be_measured(at_home):
    r"""Half of the clips fit judges only where none are given; so a cell may have a single clip, too."""
    clips = users_clips(at_home / "clips", "M003")
    data = judges.prepare_data(clips, at_home / "judged", judges.DataConfig(image_size=32), progress=False)
    known = judges.Judges.fit(data).save(at_home / "judges.safetensors")
    clips[0].video.unlink()
    row = evaluate.evaluate_weights(
        at_home / "mine.safetensors", at_home / "clips", judges=known, progress=False
    )
    assert row["about"]["clips"] == row["psnr"]["clips"] == len(clips) - 1


@pytest.mark.parametrize("kept", ["happy/level_3", "neutral/level_1"])
def test_clips_of_one_kind_have_no_cross_entropy(at_home, kept):
    r"""A judge that has seen one class is sure of it, whatever is drawn: 0 nats would be empty praise."""
    front = at_home / "clips" / "M003" / "video" / "front"
    for cell in front.glob("*/*"):
        if str(cell.relative_to(front)) != kept:
            shutil.rmtree(cell)
    row = evaluate.evaluate_weights(at_home / "mine.safetensors", at_home / "clips", progress=False)
    assert row["psnr"]["clips"] == 1 and not {"ce_type", "ce_level"} & set(row)
    clips = judges.prepare_data(
        users_clips(at_home / "clips"), at_home / "judged", judges.DataConfig(image_size=32), progress=False
    )
    fitted = judges.Judges.fit(clips)
    assert judges.Judges.load(fitted.save(at_home / "judges.safetensors")).classifiers.nets == {}


def test_clips_without_a_usable_face_are_left_out_and_said(at_home, capsys):
    untracked, odd, *rest = users_clips(at_home / "clips", "M003")
    untracked.face_cache.unlink()
    cache = read_face_cache(odd.face_cache)
    write_face_cache(odd.face_cache, replace(cache, parameters=cache.parameters + np.float32(1e4)))
    clips = with_a_face(users_clips(at_home / "clips", "M003"))
    assert clips == rest
    said = capsys.readouterr().err
    assert "left out: 1 clips without a .face3d.npz" in said and "no face to learn from" in said
    with pytest.raises(ValueError, match="no face to learn from: .*; so it is with all 1 clips"):
        with_a_face([odd])


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


def test_other_cameras_are_left_out_and_other_people_are_said(at_home):
    r"""A generator is trained on clips seen from the front; from the side it would be measured on others."""
    cells = at_home / "clips" / "M003" / "video"
    shutil.copytree(cells / "front", cells / "left_60")
    front = users_clips(at_home / "clips", "M003")
    assert len(front) == 8 and {clip.view for clip in front} == {"front"}
    assert users_clips(at_home / "clips") == front
    with pytest.raises(ValueError, match="no clips of ann in .*; there are clips of M003"):
        users_clips(at_home / "clips", "ann")
    shutil.rmtree(cells / "front")
    with pytest.raises(ValueError, match="none of 8 clips is seen from the front"):
        users_clips(at_home / "clips", "M003")


def test_a_damaged_video_is_left_out_and_said(at_home, capsys):
    clips = users_clips(at_home / "clips", "M003")
    clips[0].video.write_bytes(clips[0].video.read_bytes()[:400])
    assert users_clips(at_home / "clips", "M003") == clips[1:]
    assert f"left out: {clips[0].video}: truncated" in capsys.readouterr().err


def test_weights_of_somebody_who_is_not_built_in_want_clips(at_home):
    notes = {"identity": "ann", "image_size": 32, "decoupling": None, "seed": 0}
    save_generator(at_home / "ann.safetensors", Generator(TINY), notes)
    found = CliRunner().invoke(app, ["evaluate", "--weights", str(at_home / "ann.safetensors")])
    assert found.exit_code == 2 and "ann.safetensors is of 'ann', whom nobody has filmed; give --data" in (
        " ".join(found.output.split())
    )


def test_weights_that_are_not_there_are_one_sentence(tmp_path):
    found = CliRunner().invoke(app, ["evaluate", "--weights", str(tmp_path / "none.safetensors")])
    assert found.exit_code == 1 and "none.safetensors" in found.output and "Traceback" not in found.output


def test_a_folder_that_holds_another_actors_film_too_is_measured_on_ones_own_clips(
    tmp_path, toy_model, monkeypatch
):
    r"""``dnt evaluate`` of M003's weights and then of W009's films both into one folder."""
    write_clips(tmp_path / "film_test", toy_model)
    shutil.copytree(tmp_path / "film_test" / "M003", tmp_path / "film_test" / "W009")
    monkeypatch.setattr(dnt_core.actor, "film", lambda out, plan, progress=True: out)
    for actor in ("M003", "W009"):
        clips = actor_clips(actor, "test", tmp_path, SIZES["nbval"], progress=False)
        assert {clip.actor for clip in clips} == {actor} and len(clips) == 8
        few = some_test_clips(actor, tmp_path, SIZES["nbval"], [("happy", 3), ("neutral", 1)])
        assert [clip.actor for clip in few] == [actor, actor]
