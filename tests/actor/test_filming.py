r"""Clips on disk: MEAD's layout, truth beside them, resumable, and pictures that show what the truth says."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.actor import ActorConfig, FilmConfig, FilmRenderer, film, filming
from dnt_core.actor.filming import Shot, act, truth
from dnt_core.ciec import CIEC_TYPES
from dnt_core.clips import load_clip, read_face_cache, read_provenance, scan
from dnt_core.face3d import FaceParameters, load_face_model
from dnt_core.face3d.camera import PerspectiveCamera

PLAN = FilmConfig(seconds=0.8, fps=5, image_size=64, knobs=ActorConfig(mesh_resolution=1_500))


@pytest.fixture(scope="module")
def filmed(tmp_path_factory):
    return film(tmp_path_factory.mktemp("film"), PLAN, progress=False)


def test_the_reader_of_mead_reads_the_film(filmed):
    index = scan(filmed, verify=True)
    assert len(index) == 22 and not index.problems
    clip = load_clip(index.filter(expression="happy", level=2).clips[0])
    assert clip.frames.shape == (4, 64, 64, 3) and len(clip.audio) == round(0.8 * 16_000)
    assert clip.parameters.expression.shape == (4, 64) and abs(clip.intensity.mean() - 0.67) < 0.1


def test_an_interrupted_film_goes_on_and_gives_the_same_bytes(filmed, tmp_path):
    videos = sorted(filmed.rglob("*.mp4"))
    before = {path: path.read_bytes() for path in videos}
    stamps = {path: path.stat().st_mtime_ns for path in videos[1:]}
    videos[0].unlink()
    film(filmed, PLAN, progress=False)
    assert videos[0].read_bytes() == before[videos[0]]
    assert {path: path.stat().st_mtime_ns for path in videos[1:]} == stamps
    assert not [path for path in filmed.rglob("*") if path.name.startswith(".") or path.suffix == ".part"]


def test_another_film_does_not_overwrite(filmed):
    before = (filmed / "manifest.json").read_bytes()
    with pytest.raises(ValueError, match="holds another film .*seed"):
        film(filmed, replace(PLAN, seed=1), progress=False)
    assert (filmed / "manifest.json").read_bytes() == before


def test_the_manifest_describes_all_that_was_filmed(tmp_path):
    def shoot(**changes):
        plan = replace(PLAN, **changes)
        filming._write_manifest(tmp_path, filming._manifest(plan))
        return json.loads((tmp_path / "manifest.json").read_text())

    assert shoot(actors=("W009",), clips_per_cell=2)["plan"]["intensities"] is None
    manifest = shoot(actors=("M003",))
    assert manifest["plan"]["actors"] == ["W009", "M003"] and manifest["plan"]["clips_per_cell"] == 2
    assert list(manifest["sentences"]) == ["001", "002"]
    assert shoot(intensities=(0.5,))["plan"]["intensities"] == [0.33, 0.5, 0.67, 1.0]


def test_intensities_between_the_levels(tmp_path):
    plan = replace(PLAN, intensities=(0.5,))
    shots = [s for s in plan.shots() if s.expression == "fear"]
    assert [(s.level, s.intensity) for s in shots] == [("1.5", 0.5)] and len(plan.shots()) == 7
    with pytest.raises(ValueError, match="intensity"):
        replace(PLAN, intensities=(1.5,))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seconds": 0.2}, "no sentence"),
        ({"image_size": 63}, "even"),
        ({"actors": ("X1",)}, "X1"),
        ({"fps": 0}, "0 fps"),
    ],
)
def test_bad_plans_are_said(change, message):
    with pytest.raises(ValueError, match=message):
        replace(PLAN, **change)


def test_truth_agrees_with_the_face_model_and_the_picture(filmed):
    clip = scan(filmed).filter(expression="surprised", level=3).clips[0]
    cache = read_face_cache(clip.video)
    model = load_face_model(cache.face_model)
    parameters = FaceParameters.from_vector(torch.from_numpy(cache.truth_parameters), order="storage")
    seen = PerspectiveCamera(64).project(model.posed_landmarks(parameters))[..., :2].numpy()
    error = np.abs(seen - cache.landmarks).max()
    assert error < 0.25  # px; the mesh of 1,500 vertices is not the exact surface
    frame = load_clip(clip).frames[0].astype(float)
    column, row = cache.landmarks[0, 29:31].round().astype(int).T  # the ridge of the nose
    skin = frame[row, column].mean(0)
    assert skin[0] > skin[2] + 15, skin  # skin is redder than the grey-blue backdrop
    assert np.abs(frame[2, 2] - skin).max() > 20


def test_provenance_says_synthetic(filmed):
    record = read_provenance(next(iter(sorted(filmed.rglob("*.mp4")))))
    assert record["synthetic"] is True and record["made_by"] == "dnt film"


def face_difference(expression, intensity, knobs=ActorConfig(variation=0, head_motion=0, light_variation=0)):  # noqa: B008
    plan = replace(PLAN, image_size=96, knobs=knobs)
    renderer = FilmRenderer(96)
    neutral, _ = act(plan, Shot("W009", "neutral", "1", 0.0, 1))
    shown, _ = act(plan, Shot("W009", expression, "x", intensity, 1))
    still = np.zeros_like(shown.speech_weights)
    quiet = replace(neutral, gaze=shown.gaze, speech_weights=still, geometry_weights=still)
    loud = replace(shown, film_weights=shown.emotion_weights, geometry_weights=still)
    a, b = (renderer.frame(p, 0).astype(float) for p in (quiet, loud))
    return np.abs(a - b).mean()


@pytest.mark.parametrize("expression", CIEC_TYPES)
def test_the_picture_changes_more_with_more_intensity(expression):
    change = [face_difference(expression, x) for x in (0.17, 0.33, 0.67, 1.0)]
    assert (np.diff(change) > 0).all() and change[1] < 0.75 * change[-1], change


def test_the_lip_movement_of_the_truth_is_in_the_speech():
    performance, sound = act(replace(PLAN, fps=30), Shot("M003", "neutral", "1", 0.0, 1))
    cache = truth(performance, 64)
    opening = cache.landmarks[:, 66, 1] - cache.landmarks[:, 62, 1]
    tenths = [sound[int(i / 30 * 16e3) :][:1600] for i in range(len(performance))]  # of a second
    energy = np.array([np.sqrt((tenth**2).mean()) for tenth in tenths])
    assert np.corrcoef(opening, energy)[0, 1] > 0.3
