r"""Weights know one person: on a clip of another they draw that person's face, and this is said."""

import shutil
import warnings
from dataclasses import replace

import pytest

import dnt_core
from dnt_core.clips import read_face_cache, write_face_cache
from dnt_core.live.app import find_faces
from dnt_core.live.default_clip import default_clip
from dnt_core.live.scene import Scene
from dnt_core.training.generator_weights import load_generator, open_generator, save_generator


@pytest.fixture(scope="module")
def model():
    return dnt_core.load("M003", size=128, device="cpu")


def sentences(told):
    return [str(one.message) for one in told if one.category is UserWarning]


def mead_clip(root, actor, source=None):
    r"""The shipped clip as one of an actor's, its numbers made by ``source``."""
    shipped = default_clip("M003", 128)
    video = root / actor / "video" / "front" / "neutral" / "level_1" / "001.mp4"
    video.parent.mkdir(parents=True)
    shutil.copy(shipped, video)
    cache = read_face_cache(shipped)
    write_face_cache(video, cache if source is None else replace(cache, source=source))
    return video


def test_a_clip_of_another_name_is_said_everywhere(model, tmp_path):
    video = mead_clip(tmp_path, "W009")
    said = f"generator_M003_128.safetensors draws M003, and {video} is of W009: it gets a face of M003"
    with pytest.warns(UserWarning) as told:
        next(model.parts(video, "happy"))
    assert sentences(told) == [said]
    with pytest.warns(UserWarning) as told:
        dnt_core.LiveFace(model.weights, video, runtime="torch")
    assert sentences(told) == [said]
    assert Scene(video, 128, weights=open_generator(model.weights)).note == said
    lines = []
    find_faces(model.weights, video, lines.append)
    assert lines == [said]


def test_meads_m003_is_not_the_built_in_one(model, tmp_path):
    r"""Whoever tracks MEAD's own M003 and asks for "M003" gets the weights of the built-in actor."""
    video = mead_clip(tmp_path, "M003", "MediaPipe, fitted")
    said = (
        "generator_M003_128.safetensors draws the built-in actor M003, and the clip's 3D face (MediaPipe, "
        "fitted) is not the actor's own: a person in it gets the actor's face"
    )
    with pytest.warns(UserWarning) as told:
        next(model.parts(video, "happy"))
    assert sentences(told) == [said]
    clip = dnt_core.load_clip(dnt_core.scan(tmp_path)[0], size=128, stop=2)
    with pytest.warns(UserWarning, match="is not the actor's own"):
        next(model.parts(clip.frames, "happy", face=clip.face))


def test_the_person_of_the_weights_is_drawn_without_a_word(model, tmp_path):
    generator, made_with = load_generator(model.weights)
    notes = made_with | {"identity": "ann", "data": "the user's clips"}
    ann = dnt_core.load(save_generator(tmp_path / "ann.safetensors", generator, notes), device="cpu")
    shutil.copy(default_clip("M003", 128), tmp_path / "anywhere.mp4")
    write_face_cache(tmp_path / "anywhere.mp4", read_face_cache(default_clip("M003", 128)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        next(ann.parts(mead_clip(tmp_path, "Ann", "MediaPipe, fitted"), "happy"))
        next(ann.parts(tmp_path / "anywhere.mp4", "happy"))  # nothing tells whose it is
        next(model.parts(tmp_path / "anywhere.mp4", "happy"))
        next(model.parts(default_clip("M003", 128), "happy"))
        dnt_core.LiveFace(model.weights, runtime="torch")
