r"""`dnt train generator` in folders as people have them: no tracks, useless faces, undefined numbers."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dnt_core.clips import read_face_cache, write_face_cache
from dnt_core.training import generator_measures
from dnt_core.training.generator_weights import open_generator
from tests.face3d.toy_model import toy_model
from tests.training.generator_clips import write_clips
from tests.training.train_by_command import train


@pytest.fixture(scope="module")
def clips(tmp_path_factory, toy_model):
    root = tmp_path_factory.mktemp("clips")
    write_clips(root, toy_model)
    return root


@pytest.fixture
def folder(clips, tmp_path):
    return Path(shutil.copytree(clips, tmp_path / "clips"))


def run(folder, tmp_path, monkeypatch, **options):
    out = tmp_path / "generator.safetensors"
    return train(folder, out, monkeypatch.setattr, sizes=(16,), steps=(2,), **options), out


def spoil(cache_path, translation=None, times=1.0):
    cache = read_face_cache(cache_path)
    numbers = cache.parameters.copy()
    numbers[:, 80:144] *= times
    if translation is not None:
        numbers[:, 256] = translation
    write_face_cache(cache_path, replace(cache, parameters=numbers))


def test_untracked_clips_and_other_views_are_left_out(folder, tmp_path, monkeypatch, capsys):
    front = folder / "M003" / "video" / "front"
    (front / "sad" / "level_3" / "002.face3d.npz").unlink()
    shutil.copytree(front, front.with_name("down"), ignore=shutil.ignore_patterns("*.npz"))
    metrics, out = run(folder, tmp_path, monkeypatch)
    assert metrics and out.exists()
    assert "1 clips of M003 without a .face3d.npz" in capsys.readouterr().err
    record = json.loads(out.with_suffix(".json").read_text())
    assert record["clips"] == 7 and record["identity"] == "M003" and record["decoupling"] is None
    assert record["image_size"] == 16 and record["face_model"] == "toy"
    assert open_generator(out).decoupling() is None


def test_a_damaged_video_and_a_cache_of_another_clip_are_left_out(folder, tmp_path, monkeypatch, capsys):
    r"""They ended the training: downloads of MEAD hold cut-off films."""
    front = folder / "M003" / "video" / "front"
    cut, other = front / "sad" / "level_3" / "002.mp4", front / "happy" / "level_1" / "001.face3d.npz"
    cut.write_bytes(b"no film")
    write_face_cache(other, read_face_cache(other)[:3])
    _, out = run(folder, tmp_path, monkeypatch)
    told = capsys.readouterr().err
    assert f"left out: {cut}: damaged" in told and f"left out: {other}: bad cache" in told
    assert json.loads(out.with_suffix(".json").read_text())["clips"] == 6
    for film in front.rglob("*.mp4"):
        film.write_bytes(b"no film")
    with pytest.raises(ValueError, match="none of M003's 8 clips seen from the front can be read and has"):
        run(folder, tmp_path, monkeypatch)


@pytest.mark.parametrize("faces", [0, 1, 4])
def test_a_clip_with_hardly_a_face_is_left_out_and_rows_without_one_are_not_judged(
    faces, folder, tmp_path, monkeypatch, capsys
):
    path = folder / "M003" / "video" / "front" / "sad" / "level_3" / "002.face3d.npz"
    cache = read_face_cache(path)
    numbers, trust = cache.parameters.copy(), np.ones(len(cache))
    trust[faces:] = 0
    numbers[faces:, 256] = 500  # whatever stands where no face was found
    write_face_cache(path, replace(cache, parameters=numbers, confidence=trust))
    _, out = run(folder, tmp_path, monkeypatch)
    told, record = capsys.readouterr().err, json.loads(out.with_suffix(".json").read_text())
    if faces < 2:
        assert f"{faces} of 5 frames have one, expected at least 2" in told and record["clips"] == 7
    else:
        assert "left out" not in told and record["clips"] == 8


def test_the_face_models_file_that_is_given_is_the_one_that_is_opened(folder, tmp_path, monkeypatch):
    r"""Caches name "bfm2009", whose file lies elsewhere: ``--face-model FILE`` says where."""
    for path in folder.rglob("*.face3d.npz"):
        write_face_cache(path, replace(read_face_cache(path), face_model="bfm2009"))
    opened, (patch, out) = [], (monkeypatch.setattr, tmp_path / "generator.safetensors")

    def load(source):
        opened.append(str(source))
        return toy_model()

    def patched(module, name, value):
        patch(module, name, load if name == "load_face_model" else value)

    train(folder, out, patched, sizes=(16,), steps=(2,), face_model="elsewhere/BFM_model_front.mat")
    assert set(opened) == {"elsewhere/BFM_model_front.mat"}
    assert open_generator(out).face_model == "bfm2009"


def test_nothing_tracked_is_said_in_one_sentence(folder, tmp_path, monkeypatch):
    for cache in folder.rglob("*.npz"):
        cache.unlink()
    with pytest.raises(ValueError, match="none of M003's 8 clips seen from the front has a .face3d.npz"):
        run(folder, tmp_path, monkeypatch)


@pytest.mark.parametrize("error", ["undefined", "raised"])
def test_trained_weights_outlive_their_measurement(error, folder, tmp_path, monkeypatch):
    def measure(predict, data, rows):
        if error == "raised":
            raise RuntimeError("a metric failed")
        return {"psnr": 20.0, "psnr_mouth": float("nan")}

    monkeypatch.setattr(generator_measures, "measure", measure)
    if error == "raised":
        with pytest.raises(RuntimeError, match="a metric failed"):
            run(folder, tmp_path, monkeypatch)
    else:
        metrics, _ = run(folder, tmp_path, monkeypatch)
        assert metrics["held_out_clips.psnr"] == 20.0 and metrics["held_out_clips.psnr_mouth"] is None
    assert open_generator(tmp_path / "generator.safetensors").image_size == 16


def test_a_training_does_not_end_for_a_picture(folder, tmp_path, monkeypatch, capsys):
    def refuse(*args, **options):
        raise OSError("No space left on device")

    monkeypatch.setattr("torchvision.utils.save_image", refuse)
    metrics, out = run(folder, tmp_path, monkeypatch)
    assert open_generator(out).image_size == 16 and metrics
    assert "no picture of the progress: No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize(
    "change, said",
    [
        ({"translation": 12.0}, "behind the camera in 5 of 5 frames"),
        ({"times": 1e4}, "times as large as the mean in 5"),
    ],
)
def test_faces_that_are_in_no_picture_are_said_before_training(
    change, said, folder, tmp_path, monkeypatch, capsys
):
    caches = sorted(folder.rglob("*.npz"))
    spoil(caches[0], **change)
    _, out = run(folder, tmp_path, monkeypatch)
    told = capsys.readouterr().err
    assert said in told and str(caches[0]) in told
    assert json.loads(out.with_suffix(".json").read_text())["clips"] == 7
    for cache in caches[1:]:
        spoil(cache, **change)
    out.unlink()
    shutil.rmtree(out.with_suffix(""))
    with pytest.raises(ValueError, match=said):
        run(folder, tmp_path, monkeypatch)
    assert not out.with_suffix("").exists()  # nothing was trained


def test_a_face_of_an_ordinary_clip_is_no_problem(clips, toy_model):
    from dnt_core.training.face_checks import face_problem

    for path in clips.rglob("*.npz"):
        cache = read_face_cache(path)
        assert face_problem(toy_model, cache) is None
        turned = cache.parameters.copy()
        turned[:, 225] = np.radians(60)
        assert face_problem(toy_model, replace(cache, parameters=turned)) is None
