r"""The pictures behind the face show what they say: each against the generator asked directly."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dnt_core.ciec import encode
from dnt_core.live import LiveError, LiveFace
from dnt_core.live.intermediate_outputs import INSIDES
from dnt_core.live.prepared_frame import to_uint8

WEIGHTS = Path(__file__).parents[2] / "weights" / "generator_M003_128.safetensors"
ASK, FRAME, POSE = ("surprised", 1.0), 20, (4.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def face():
    return LiveFace(WEIGHTS, runtime="torch")


@pytest.fixture(scope="module")
def rendered(face):
    r"""decoupled → (the generator's inputs, what it makes of them)."""
    ciec = encode(ASK[0], torch.tensor(ASK[1])).reshape(1, 7)
    with torch.inference_mode():
        inputs = {decoupled: face.scene.inputs(FRAME, POSE, decoupled) for decoupled in (True, False)}
        return {key: (given, face.generator(given, ciec)) for key, given in inputs.items()}


def apart(a, b):
    return np.abs(a.astype(int) - b.astype(int))


def test_they_are_the_generators_own(face, rendered):
    given, made = rendered[True]
    zero = torch.zeros_like(given.mask)
    expected = {
        "uv": torch.cat([given.uv_map, zero], 1) * given.mask,
        "background": given.background,
        "sampled": made.texture_color.clamp(0, 1),
        "attention": made.attention.expand(-1, 3, -1, -1),
        "expressive": rendered[False][1].image,
    }
    for what, wanted in expected.items():
        assert apart(face.inside(what, *ASK, FRAME, POSE), to_uint8(wanted)).max() <= 1, what


def test_without_decoupling_the_geometry_is_another_one_and_so_is_the_picture(face, rendered):
    surface, captured = (face.inside(what, *ASK, FRAME, POSE) for what in ("geometry", "captured"))
    for grey, (given, _) in zip((surface, captured), rendered.values(), strict=True):
        assert ((grey < 255).any(-1) == (given.mask[0, 0].numpy() > 0)).mean() > 0.99
    assert apart(surface, captured).max() > 20
    assert apart(face.inside("expressive", *ASK, FRAME, POSE), face(*ASK, FRAME, POSE)).max() > 2


def test_a_static_texture_leaves_the_rest_and_teeth_are_in_the_mouth(face, rendered):
    static, neutral = (face.inside("static", name, x, FRAME, POSE) for name, x in (ASK, ("neutral", 0.0)))
    assert apart(neutral, face("neutral", 0.0, FRAME, POSE)).max() <= 1
    moved = apart(face(*ASK, FRAME, POSE), neutral).mean()
    assert apart(static, neutral).mean() < 0.5 * moved
    teeth = face.inside("teeth", *ASK, FRAME, POSE).astype(int)
    yellow = teeth[..., :2].mean(-1) - teeth[..., 2]  # beyond what the dark picture has
    left, top, right, bottom = rendered[True][0].mouth_box[0].tolist()
    row, column = np.unravel_index(yellow.argmax(), yellow.shape)
    assert left - 15 < column < right + 15 and top - 15 < row < bottom + 15
    channels = face.inside("channels", *ASK, FRAME, POSE)
    assert apart(channels, face.inside("channels", "neutral", 0.0, FRAME, POSE)).max() > 10


def test_each_has_a_sentence_and_others_are_refused(face):
    assert all(len(said) > 20 for said in INSIDES.values())
    with pytest.raises(LiveError, match="unknown inside 'brain'; expected one of texture"):
        face.inside("brain")
