r"""What a public docstring says is raised is raised, as one sentence, for small wrong inputs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import dnt_core
from dnt_core import actor, clips, face3d, rendering, talking, tracking, training
from dnt_core.face3d import FaceParameters
from dnt_core.talking.film import _lip_motion

FRAMES = np.zeros((2, 64, 64, 3), np.uint8)
ROWS = np.zeros((2, 257), np.float32)
TONE = np.zeros(100, np.float32)


def zeros(*shape):
    return torch.zeros(*shape)


def cache(**more):
    return dnt_core.FaceCache(ROWS, 25, "procedural", "test", **more)


def model():
    return dnt_core.load_face_model("procedural:400")


WRONG = {
    # faces
    "different shapes": (
        lambda: FaceParameters.stack([FaceParameters.zeros(1), FaceParameters.zeros(2)]),
        ValueError,
        "faces of batch shape (1,) and (2,) cannot be joined along dimension 0",
    ),
    "no such dimension": (
        lambda: FaceParameters.cat([FaceParameters.zeros(2)] * 2, dim=5),
        ValueError,
        "faces of batch shape (2,) cannot be joined along dimension 5",
    ),
    "unbatched": (
        lambda: FaceParameters.cat([FaceParameters.zeros()] * 2),
        ValueError,
        "cannot be joined along dimension 0",
    ),
    "an array for a tensor": (
        lambda: FaceParameters.zeros(1).replace(expression=np.zeros((1, 64))),
        TypeError,
        "floating point tensor",
    ),
    "another mesh": (lambda: model().landmarks(zeros(5, 3)), ValueError, "expected vertices (..., "),
    "normals of another mesh": (lambda: model().normals(zeros(5, 3)), ValueError, "got shape (5, 3)"),
    "pose of 2D": (
        lambda: face3d.pose(zeros(5, 2), zeros(3), zeros(3)),
        ValueError,
        "expected vertices (..., 3)",
    ),
    "quads": (
        lambda: face3d.topology(np.zeros((2, 4), int)),
        ValueError,
        "triangles must be integer vertex ids",
    ),
    "camera": (lambda: dnt_core.PerspectiveCamera(center="x"), TypeError, "camera center must be a number"),
    # pictures
    "uint8 frame": (
        lambda: rendering.background_frame(zeros(1, 3, 8, 8).byte(), zeros(1, 1, 8, 8)),
        TypeError,
        "floating",
    ),
    "mask of another size": (
        lambda: rendering.background_frame(zeros(1, 3, 8, 8), zeros(1, 1, 4, 4)),
        ValueError,
        "face has shape",
    ),
    "fill": (
        lambda: rendering.background_frame(zeros(1, 3, 8, 8), zeros(1, 1, 8, 8), fill=(0.0, 1.0)),
        ValueError,
        "fill has 2 values",
    ),
    "uv of three": (
        lambda: rendering.sample_texture(zeros(1, 3, 4, 4), zeros(1, 3, 8, 8)),
        ValueError,
        "expected (B, 2, H, W)",
    ),
    "sampling mask": (
        lambda: rendering.sample_texture(zeros(1, 3, 4, 4), zeros(1, 2, 8, 8), zeros(1, 1, 4, 4)),
        ValueError,
        "as the UV map",
    ),
    "no batch": (
        lambda: next(rendering.FiveRenderings(model(), 8).clip(FRAMES[:1], FaceParameters.zeros(1), 0)),
        ValueError,
        "batch_size must be at least 1",
    ),
    # clips
    "confidence": (
        lambda: cache(confidence=[5, 5]),
        ValueError,
        "'confidence' must lie in [0, 1], got 5 to 5",
    ),
    "one frame": (lambda: cache()[1], TypeError, "frame 1 is face[1:2]"),
    "no cache": (lambda: dnt_core.write_face_cache("a.mp4", {}), TypeError, "cache must be a FaceCache"),
    "verify": (lambda: dnt_core.scan(".", verify="x"), ValueError, "verify must be False, True or 'full'"),
    "landmarks": (lambda: clips.face_box(np.zeros((2, 68))), ValueError, "(T, 68, 2)"),
    "landmarks of no face": (lambda: clips.face_box(np.full((2, 68, 2), np.nan)), ValueError, "NaN"),
    "mark on floats": (lambda: clips.mark_frame(np.zeros((64, 64, 3))), ValueError, "uint8 RGB"),
    "synthetic": (lambda: clips.provenance_record(synthetic=False), ValueError, "says 'synthetic' itself"),
    "avi": (lambda: dnt_core.write_video("a.avi", FRAMES, 25), ValueError, "expected an .mp4"),
    "crf": (lambda: dnt_core.write_video("a.mp4", FRAMES, 25, crf=99), ValueError, "crf must lie in [0, 51]"),
    "preset": (
        lambda: dnt_core.write_video("a.mp4", FRAMES, 25, preset="x"),
        ValueError,
        "unknown preset 'x'",
    ),
    "rate of a film": (
        lambda: dnt_core.write_video("a.mp4", FRAMES, 25, TONE, sample_rate=12345),
        ValueError,
        "expected one that AAC has",
    ),
    "rate of a sound": (
        lambda: clips.write_audio("a.wav", TONE, 0),
        ValueError,
        "expected a whole number above 0",
    ),
    "rate read": (lambda: clips.read_audio("a.wav", 0), ValueError, "expected a whole number above 0"),
    # networks
    "between": (lambda: dnt_core.GeneratorConfig(between="x"), ValueError, "unknown between 'x'"),
    "norm": (lambda: dnt_core.GeneratorConfig(norm="batch"), ValueError, "expected one of none, instance"),
    "skips": (lambda: dnt_core.GeneratorConfig(skips="x"), ValueError, "unknown skips 'x'"),
    "window": (
        lambda: dnt_core.GeneratorConfig(mouth_window=(2, 2)),
        ValueError,
        "mouth_window must lie in (0, 1]",
    ),
    "one share": (
        lambda: dnt_core.GeneratorConfig(mouth_window=0.3),
        ValueError,
        "mouth_window must be two shares, got 0.3",
    ),
    "two channels": (lambda: dnt_core.GeneratorConfig(texture_channels=2), ValueError, "at least 3, got 2"),
    "no JSON": (lambda: dnt_core.GeneratorConfig.from_json("x"), ValueError, "is not JSON"),
    "a list": (lambda: dnt_core.GeneratorConfig.from_json("[1]"), ValueError, "is a JSON object"),
    # training and tracking
    "averaging": (lambda: training.TrainConfig(averaging=1.0), ValueError, "averaging must lie in [0, 1)"),
    "share": (lambda: training.TrainConfig(final_share=2), ValueError, "final_share must lie in [0, 1]"),
    "light": (lambda: training.TrainConfig(light=-1), ValueError, "light must be at least 0"),
    "no texels": (lambda: training.DataConfig(texture_size=0), ValueError, "texture_size must be at least 1"),
    "betas": (lambda: training.DecouplingConfig(betas=(2, 2)), ValueError, "two numbers in [0, 1)"),
    "rate": (lambda: training.DecouplingConfig(learning_rate=0), ValueError, "learning_rate must be above 0"),
    "half a step": (lambda: training.DecouplingConfig(steps=2.5), TypeError, "steps must be a whole number"),
    "weights": (
        lambda: tracking.fit_landmarks(model(), np.zeros((2, 68, 2)), weights=np.ones((3, 68))),
        ValueError,
        "weights has shape (3, 68), expected (2, 68)",
    ),
    "one path": (lambda: tracking.read_track("no.mat"), FileNotFoundError, "no.mat: no such file"),
    # the actor
    "a word for a knob": (lambda: actor.ActorConfig(speech="x"), TypeError, "knob speech must be a number"),
    "nobody": (lambda: actor.FilmConfig(actors=()), ValueError, "at least one actor"),
    "tiny film": (lambda: actor.FilmConfig(image_size=8), ValueError, "must lie in [32, 1024] px"),
    "seed of a film": (lambda: actor.FilmConfig(seed=-1), ValueError, "seed must be at least 0"),
    "knobs": (lambda: actor.FilmConfig(knobs=None), TypeError, "knobs must be an ActorConfig"),
    "half a clip": (
        lambda: actor.FilmConfig(clips_per_cell=1.5),
        TypeError,
        "clips_per_cell must be a whole",
    ),
    # talking
    "no path": (lambda: dnt_core.talk((TONE, 16000), None), TypeError, "expression must be a path"),
    "seed of blinks": (lambda: dnt_core.talk((TONE, 16000), seed=-1), ValueError, "seed must be at least 0"),
    "lips of a file": (
        lambda: _lip_motion("nowhere.npy", None, None, None),
        FileNotFoundError,
        "nowhere.npy does not exist",
    ),
    "no length": (lambda: talking.idle_clip("M003", 64, seconds=0), ValueError, "seconds must be above 0"),
    "path of a film": (lambda: dnt_core.film_face(None, None, "a.mp4"), TypeError, "path must be a path"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_gets_one_clear_sentence(what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ask, error, said = WRONG[what]
    with pytest.raises(error) as caught:
        ask()
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_numpy_level_filters_as_a_number_does():
    index = clips.ClipIndex(None, (), ())
    assert len(index.filter(level=np.int64(1))) == 0
