r"""What the page without a kernel needs to speak: lips that hear as Python does, and a mesh that moves."""

import gzip
import json

import numpy as np
import pytest
import torch

from dnt_core.actor.speech import SENTENCES, synthesize
from dnt_core.audio.built_in import BuiltInLips
from dnt_core.audio.mel import log_mel
from dnt_core.audio.mouth_movements import movement_basis, widest_mouth
from dnt_core.face3d import load_face_model
from dnt_core.live.static_page.graph_files import WEIGHTS, expand
from dnt_core.live.static_page.lips_graph import HeardMouth, lips_file
from dnt_core.live.static_page.parts_file import pack_steps
from dnt_core.live.static_page.speech_file import STEPS, page_speech
from dnt_core.networks.frame_inputs import face_and_hole
from dnt_core.networks.texture_mapping import map_texture
from dnt_core.rendering.masks import dilate
from dnt_core.talking.lips import lip_frames
from dnt_core.talking.sounds import SampleSound

SIZE = 128


def unpacked(data):
    r"""Header and parts of a file, as ``face_file.js`` reads it."""
    raw = gzip.decompress(data)
    length = int.from_bytes(raw[:4], "little")
    header, start = json.loads(raw[4 : 4 + length]), 4 + length
    parts = {name: raw[start + at : start + at + size] for name, (at, size) in header["parts"].items()}
    return header, parts


def steps(data, rows):
    low, high = np.frombuffer(data, np.uint8).reshape(2, rows, -1).astype(np.int64)
    folded = low | high << 8
    return np.add.accumulate((folded >> 1) ^ -(folded & 1), 1).astype(np.int16)


@pytest.fixture(scope="module")
def voice():
    return synthesize(SENTENCES[2], 5).waveform.astype(np.float32)[:-37]


def test_the_graph_hears_the_spectrogram_of_the_facts(voice):
    graph = HeardMouth(BuiltInLips().network)
    found = graph.log_mel(torch.from_numpy(voice)[None])[0].T.numpy()
    np.testing.assert_allclose(found, log_mel(voice), atol=5e-3)


def test_the_exported_lips_are_pythons_for_any_length(voice, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="the page's graphs run in ONNX Runtime")
    data = lips_file()
    header, parts = unpacked(data)
    (tmp_path / "lips.onnx").write_bytes(parts["lips.onnx"])
    expand(parts[WEIGHTS], header["weights"]).tofile(tmp_path / WEIGHTS)
    session = onnxruntime.InferenceSession(str(tmp_path / "lips.onnx"), providers=["CPUExecutionProvider"])
    quiet = np.float32(0.0014 / np.abs(voice).max())  # 57 dB below full scale
    knocked = 0.01 * voice + 0.02
    knocked[500:600] = 1
    for samples in (voice, 0.1 * voice[3_000:19_051], voice[:3_201], quiet * voice, knocked):
        mouth = session.run(None, {"sound": samples[None]})[0]
        frames = int(np.ceil(len(samples) / 16_000 * 80 - 1e-6))  # one per column
        as_talk = lip_frames(BuiltInLips().movements, SampleSound(samples, 16_000), 80.0, frames)
        np.testing.assert_allclose(mouth[:frames], np.concatenate(list(as_talk)), atol=2e-3)
        assert len(mouth) >= frames + 2
    mouth = session.run(None, {"sound": (quiet * voice)[None]})[0]
    unheard = BuiltInLips().movements(quiet * voice, 16_000, 80.0, frames)
    assert np.ptp(unheard, 0).max() < 0.2 * np.ptp(mouth, 0).max(), "nobody is heard where nothing is raised"
    assert len(data) < 0.9e6, "the network, not the transform's matrix"


def test_numbers_come_back_from_their_steps():
    numbers = np.random.default_rng(0).integers(-STEPS - 1, STEPS + 1, (3, 50))
    np.testing.assert_array_equal(steps(pack_steps(numbers), 3), numbers)


@pytest.fixture(scope="module")
def scene():
    from dnt_core.live.default_clip import default_clip
    from dnt_core.live.scene import Scene

    scene = Scene(default_clip("M003", SIZE), SIZE)
    scene.frames, scene.seen = scene.frames[:4], scene.seen[:4]
    return scene


def test_the_mesh_moves_as_the_actors_face(scene):
    header, parts = unpacked(page_speech(scene, (0.875, 0.625), (112, 80)))
    count, mesh = header["vertices"], steps(parts["mesh"], 5 + 3 * 12)
    model = load_face_model("procedural:8000")
    mouth = np.linspace(0.3, 0.1, 11)
    shape = mesh[:3] * header["scales"][0]
    for k, weight in enumerate(mouth):
        shape = shape + weight * header["scales"][k + 1] * mesh[5 + 3 * k : 8 + 3 * k]
    beta = torch.from_numpy(mouth @ movement_basis()).float()
    wanted = model.shape(scene.seen.identity[0], beta).numpy()
    assert np.abs(shape.T - wanted).max() < 2e-4, "dm"
    np.testing.assert_array_equal(steps(parts["triangles"], 3).T, model.triangles.numpy())
    assert count == len(wanted) and len(header["poses"]) == len(scene)


def test_the_rectangle_has_room_for_a_mouth_as_wide_as_speech_opens_it_and_its_hole(scene):
    header, parts = unpacked(page_speech(scene, (0.875, 0.625), (112, 80)))
    bits = np.unpackbits(np.frombuffer(parts["filmed"], np.uint8))[: 4 * 112 * 80].reshape(4, 112, 80)
    filmed = np.bitwise_xor.accumulate(bits, 0)
    wide = torch.from_numpy(widest_mouth("procedural"))[None]
    for frame, (row, column) in enumerate(header["corners"]):
        seen = scene.seen[frame : frame + 1]
        cut = np.s_[row : row + 112, column : column + 80]
        face, hole = face_and_hole(scene.model, seen, seen.replace(expression=wide), SIZE)
        shown = map_texture(scene.model, seen, SIZE)
        np.testing.assert_array_equal(filmed[frame], (shown.mask + shown.mouth)[0, 0].numpy()[cut])
        assert hole.sum() == hole[0, 0][cut].sum()
        drawn = (face.mask + face.mouth)[0, 0].numpy()[cut]
        both = torch.from_numpy(np.maximum(filmed[frame], drawn))[None, None]
        np.testing.assert_array_equal(dilate(both, header["margin"])[0, 0], hole[0, 0][cut])


def test_where_no_lips_can_be_moved_there_is_no_file(scene, monkeypatch):
    assert page_speech(scene, (0.875, 0.625), (96, 80)) == b"", "a rectangle of another size"
    monkeypatch.setattr(scene, "model", type("Foreign", (), {"name": "bfm2009"})())
    assert page_speech(scene, (0.875, 0.625), (112, 80)) == b""
