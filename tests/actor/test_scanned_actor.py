r"""ICT-FaceKit's head as a further actor, from a folder laid out as the kit's."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from dnt_core.actor import FilmConfig, film
from dnt_core.actor.scan_geometry import read_film_plan
from dnt_core.actor.scanned_actor import ScannedActor
from dnt_core.actor.stills import actor_still, still_performance
from dnt_core.cli import app
from dnt_core.clips import load_clip, read_face_cache, scan
from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model
from dnt_core.face3d.ict_head import PARTS
from dnt_core.plain_files import read_json
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.preprocessing import DataConfig, prepare_data
from tests.face3d.ict_kit import write_ict_kit

PLAN = FilmConfig(seconds=1.0, fps=4, image_size=64, intensities=(1.0,), face_model="ict")


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kit") / "ICT-FaceKit"
    write_ict_kit(folder)
    return folder


@pytest.fixture(autouse=True)
def found(monkeypatch, kit):
    monkeypatch.setenv("DNT_ICT_FACEKIT", str(kit))


def test_the_kit_is_a_face_model_with_its_53_shapes():
    model = load_face_model("ict")
    assert model.name == "ict" and len(model.check_topology(4).boundary_loops) == 4
    moved = model.expression_basis.square().sum((0, 1))
    assert (moved[:53] > 0).all() and not moved[53:].any()


def test_the_head_moves_with_the_face_and_shows_eyes_and_teeth(kit):
    actor = ScannedActor(128)
    marks = read_json(kit / "FaceXModel" / "vertex_indices.json")["idx_to_landmark_verts"]
    beta = actor.expression(still_performance("M003", "happy", 1.0, 0.0).geometry_weights[0])
    drawn = actor.head.shape(actor.identity, beta)[marks]
    with torch.no_grad():
        told = actor.model.shape(
            torch.tensor(actor.identity).float()[None], torch.tensor(beta).float()[None]
        )[0, actor.model.landmark_indices].numpy()
    np.testing.assert_allclose(drawn, told, atol=1e-4)
    performance = still_performance("M003", "surprised", 1.0, 0.0)
    picture = actor.frame(performance, 0).astype(int)
    np.testing.assert_array_equal(actor_still("ICT", "surprised", 1.0, 128), picture)
    marks = actor.truth(performance).landmarks[0]
    eye = marks[36:42].mean(axis=0).round().astype(int)
    cheek = marks[[2, 31]].mean(axis=0).round().astype(int)
    white = np.ptp(picture[eye[1], eye[0] - 3 : eye[0] + 4], axis=1)
    assert white.min() < 40 < np.ptp(picture[cheek[1], cheek[0]])  # a ball without colour, in skin
    assert {name for name, _, _ in PARTS} >= {"teeth", "left iris"}


def test_a_film_of_it_is_clips_as_any_others(tmp_path):
    folder = film(tmp_path / "ict", PLAN, progress=False, jobs=1)
    clips = list(scan(folder))
    assert {clip.actor for clip in clips} == {"ICT"} and len(clips) == 7
    model, camera = load_face_model("ict"), PerspectiveCamera(64)
    pictures = {}
    for clip in clips:
        cache = read_face_cache(clip.face_cache)
        assert cache.face_model == "ict"
        faces = FaceParameters.from_vector(torch.from_numpy(cache.parameters), order="storage")
        marks = camera.project(model.posed_landmarks(faces))[..., :2]
        np.testing.assert_allclose(cache.landmarks, marks, atol=1e-3)
        pictures[clip.expression] = load_clip(clip, size=64).frames[-1].astype(float)
    assert np.abs(pictures["happy"] - pictures["sad"]).max() > 40
    with pytest.raises(ValueError, match="it differs in face_model"):
        film(tmp_path / "ict", FilmConfig(seconds=1.0, fps=4, image_size=64, intensities=(1.0,)))
    with pytest.raises(ValueError, match="manifest.json is not the manifest of a film of the built-in actor"):
        read_film_plan(folder)
    with pytest.raises(ValueError, match="face model 'ict', but f_d belongs to 'procedural"):
        prepare_data(clips, tmp_path, DataConfig(32), load_decoupling_network("M003"), jobs=1, progress=False)


def test_a_kit_that_lists_its_shapes_in_another_order_acts_alike(kit, tmp_path, monkeypatch):
    r"""And its caches hold the same numbers, whatever the order in ``vertex_indices.json``."""
    from dnt_core.actor import scanned_actor

    performance = still_performance("M003", "happy", 1.0, 0.3)
    here = ScannedActor(64)
    picture, truth = here.frame(performance, 0), here.truth(performance)
    other = tmp_path / "FaceXModel"
    other.mkdir()
    for file in (kit / "FaceXModel").iterdir():
        (other / file.name).symlink_to(file)
    config = read_json(other / "vertex_indices.json")
    (other / "vertex_indices.json").unlink()
    names = config["expressions"][::-1]
    (other / "vertex_indices.json").write_text(json.dumps(config | {"expressions": names}))
    monkeypatch.setenv("DNT_ICT_FACEKIT", str(tmp_path))
    for kept in (scanned_actor._loaded, load_face_model):
        getattr(kept, "cache_clear", lambda: None)()
    there = ScannedActor(64)
    assert there.head.shapes == here.head.shapes != tuple(names)
    np.testing.assert_array_equal(there.truth(performance).parameters, truth.parameters)
    np.testing.assert_array_equal(there.frame(performance, 0), picture)
    np.testing.assert_allclose(there.truth(performance).landmarks, truth.landmarks, atol=1e-3)
    scanned_actor._loaded.cache_clear()


def said(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code in (1, 2), done.output
    return " ".join(done.output.split())


def test_what_cannot_act_is_said_in_a_sentence(tmp_path, monkeypatch):
    out = ("film", "--out", str(tmp_path / "film"), "--face-model")
    assert "face model 'bfm2009' cannot act: its shapes have no names" in said(*out, "bfm2009")
    assert "has one actor of its own; leave --actor out" in said(*out, "ict", "--actor", "W009")
    monkeypatch.setenv("DNT_ICT_FACEKIT", str(tmp_path / "nowhere"))
    assert "names no folder" in said(*out, "ict")


@pytest.mark.parametrize(
    "command",
    [
        ("live", "--no-browser"),
        ("talk", "--text", "hello"),
        ("study",),
        ("evaluate", "--weights", "generator"),
    ],
)
def test_weights_of_another_face_model_are_refused_by_every_command(command, kit):
    from dnt_core.talking_face import file_of_actor

    words = [str(file_of_actor("M003", None)) if word == "generator" else word for word in command]
    answer = said(*words, "--face-model", "ict")
    assert (
        "holds numbers of the face model 'procedural'" in answer and "--face-model belongs to 'ict'" in answer
    )
    assert "expected procedural" in said(*words, "--face-model", "nobody")
    assert "belongs to 'ict'" in said(*words, "--face-model", str(kit))  # its folder is as good as its name
