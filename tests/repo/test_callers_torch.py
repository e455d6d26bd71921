r"""What a caller has set up in torch, and how a caller's arrays lie in memory, changes no result."""

import warnings

import numpy as np
import pytest
import torch

import dnt_core
from dnt_core.audio.built_in import load_lips_network
from dnt_core.audio.lips_network import LipsNetwork
from dnt_core.audio.voice_expression import ProsodyNetwork, load_prosody_network
from dnt_core.live.default_clip import default_clip
from dnt_core.metrics.landmark_distance import landmark_distance_px
from dnt_core.own_torch import exact_inference
from dnt_core.rendering import FiveRenderings
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.lips.weights import save_lips_network, save_prosody_network
from dnt_core.training.sync_network import SyncNetwork, load_sync_network, save_sync_network
from tests.face3d.toy_model import toy_arrays

VIDEO = default_clip("M003", 128)
FRAMES = np.random.default_rng(0).integers(0, 255, (3, 128, 128, 3), np.uint8)
FACE = dnt_core.FaceParameters.zeros(3)
LAYOUTS = {
    "backwards": lambda array: array[::-1].copy()[::-1],
    "another byte order": lambda array: array.astype(array.dtype.newbyteorder("S")),
    "read-only": lambda array: np.broadcast_to(array, array.shape),
    "every second": lambda array: np.repeat(array, 2, axis=0)[::2],
}


@pytest.fixture(scope="module")
def model():
    return dnt_core.load("M003", size=128, device="cpu")


@pytest.fixture(scope="module")
def live(model):
    return dnt_core.LiveFace(model.weights, VIDEO, runtime="torch")


def same(a, b):
    r"""Two pictures of a live face: what rests is folded behind, which moves a number by a grey level."""
    return np.abs(a.astype(int) - b).max() <= 1


@pytest.fixture
def default_double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_of_any_layout_are_numbers(layout, model, live):
    other, types = LAYOUTS[layout], ["happy", "sad", "fear"]
    intensity = np.array([0.1, 0.4, 0.9], np.float32)
    vectors = dnt_core.encode(types, intensity)
    points = np.random.default_rng(1).normal(size=(4, 20, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(dnt_core.encode(types, other(intensity)), vectors)
        assert np.array_equal(dnt_core.encode(other(np.array([4, 5, 3])), intensity), vectors)
        assert np.array_equal(model(FRAMES, other(vectors), face=FACE), model(FRAMES, vectors, face=FACE))
        assert same(live(ciec=other(vectors[0])), live("happy", 0.1))
        assert landmark_distance_px(other(points), points + np.arange(20)[:, None] * [0, 1], 256) == (
            pytest.approx(5.0)  # the mean distance of 0 … 19 from their mean
        )
        arrays = {k: v.numpy() if isinstance(v, torch.Tensor) else v for k, v in toy_arrays().items()}
        as_given = dnt_core.MorphableModel.from_arrays(**arrays).mean_shape
        arrays["mean_shape"] = other(np.asarray(arrays["mean_shape"]))
        assert torch.equal(dnt_core.MorphableModel.from_arrays(**arrays).mean_shape, as_given)


def test_frames_from_bgr_are_rendered_as_rgb():
    renderings = FiveRenderings(dnt_core.load_face_model("procedural:400"), 64)
    bgr = np.ascontiguousarray(FRAMES[..., ::-1])
    found, wanted = renderings(bgr[..., ::-1], FACE), renderings(FRAMES, FACE)
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_types_may_stand_in_a_table():
    pandas = pytest.importorskip("pandas")
    found = dnt_core.encode(pandas.Series(["sad", "happy"]), pandas.Series([0.2, 0.4]))
    torch.testing.assert_close(found, dnt_core.encode(["sad", "happy"], [0.2, 0.4]), check_dtype=False)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_an_intensity_may_be_a_tensor_with_a_gradient(model, dtype):
    found = model(FRAMES, "happy", torch.tensor(0.5, dtype=dtype, requires_grad=True), face=FACE)
    assert np.array_equal(found, model(FRAMES, "happy", 0.5, face=FACE))


def test_a_face_in_double_is_drawn_as_one_in_single(model):
    numbers = np.random.default_rng(2).normal(0, 0.1, (3, 257)).astype(np.float32)
    single, double = (
        dnt_core.FaceParameters.from_vector(numbers.astype(kind), "paper") for kind in (np.float32, float)
    )
    assert double.dtype == torch.float64
    assert np.array_equal(model(FRAMES, "sad", 0.5, face=double), model(FRAMES, "sad", 0.5, face=single))


def test_whoever_takes_the_parts_goes_on_with_gradients(model):
    for part in model.parts(VIDEO, "happy", 0.5):
        assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
        value = torch.ones(1, requires_grad=True)
        (value * float(part.mean())).sum().backward()
        break
    assert not torch.is_inference_mode_enabled()


def test_autocast_around_a_call_changes_no_picture(model, live):
    still, moving = live("happy", 0.7, 3), next(model.parts(VIDEO, "happy", 0.7))
    with torch.autocast("cpu", torch.bfloat16):
        assert np.array_equal(next(model.parts(VIDEO, "happy", 0.7)), moving)
        assert np.array_equal(
            dnt_core.LiveFace(model.weights, VIDEO, runtime="torch")("happy", 0.7, 3), still
        )


def test_autocast_moves_no_vertex_and_changes_no_colour():
    mesh = dnt_core.load_face_model("procedural:400")
    numbers = torch.randn(2, 257, generator=torch.Generator().manual_seed(3)) * 0.3
    face = dnt_core.FaceParameters.from_vector(numbers, "paper")
    vertices, colors = mesh(face)
    with torch.autocast("cpu", torch.bfloat16):
        for found, wanted in zip(mesh(face), (vertices, colors), strict=True):
            assert torch.equal(found, wanted)


@pytest.mark.filterwarnings("ignore:User provided device_type of 'cuda'")
def test_autocast_on_a_gpu_is_off_inside_as_well():
    try:
        torch.set_autocast_enabled("cuda", True)
        with exact_inference():
            assert not torch.is_autocast_enabled("cuda") and torch.is_inference_mode_enabled()
        assert torch.is_autocast_enabled("cuda") and not torch.is_inference_mode_enabled()
    finally:
        torch.set_autocast_enabled("cuda", False)


def test_a_default_of_double_changes_no_weights_and_no_picture(model, live, default_double):
    again = dnt_core.load("M003", size=128, device="cpu")
    assert {p.dtype for p in again.generator.parameters()} == {torch.float32}
    assert {p.dtype for p in load_decoupling_network("M003").parameters()} == {torch.float32}
    face = dnt_core.FaceParameters.zeros(3)
    assert face.dtype == torch.float64
    assert np.array_equal(again(FRAMES, "sad", 0.5, face=face), model(FRAMES, "sad", 0.5, face=FACE))
    drawn = dnt_core.LiveFace(model.weights, VIDEO, runtime="torch")("happy", 0.7)
    assert same(drawn, live("happy", 0.7))


def test_a_face_model_that_was_loaded_for_inference_has_gradients_later():
    with torch.inference_mode():
        face_model = dnt_core.load_face_model("procedural:450")
    beta = torch.zeros(1, 64, requires_grad=True)
    vertices, _ = face_model(dnt_core.FaceParameters.zeros(1).replace(expression=beta))
    vertices.sum().backward()
    wanted = face_model.expression_basis.sum((0, 1))
    torch.testing.assert_close(beta.grad[0], wanted, atol=1e-3, rtol=1e-4)


def test_reading_weights_leaves_the_callers_random_numbers(tmp_path):
    save_lips_network(tmp_path / "lips.safetensors", LipsNetwork(8), {})
    save_prosody_network(tmp_path / "moods.safetensors", ProsodyNetwork(8), {})
    save_sync_network(tmp_path / "sync.safetensors", SyncNetwork(), {})
    readings = {
        "model": lambda: dnt_core.load("M003", size=128, device="cpu"),
        "lips": lambda: load_lips_network(tmp_path / "lips.safetensors"),
        "moods": lambda: load_prosody_network(tmp_path / "moods.safetensors"),
        "sync": lambda: load_sync_network(tmp_path / "sync.safetensors"),
    }
    for name, read in readings.items():
        torch.manual_seed(7)
        read()
        assert torch.rand(1) == torch.rand(1, generator=torch.Generator().manual_seed(7)), name


def test_a_model_that_was_opened_for_inference_can_be_trained_on():
    with torch.inference_mode():
        opened = dnt_core.load("M003", size=128, device="cpu")
    network = opened.decoupling
    beta = torch.zeros(1, 64, requires_grad=True)
    network(beta).sum().backward()
    assert beta.grad.abs().sum() > 0
    assert not any(p.is_inference() for p in (*network.parameters(), *opened.generator.parameters()))


def test_another_default_device_is_left_to_the_caller(model, live):
    """On "meta", which holds no numbers, whatever is made there by mistake fails, as on a GPU it would."""
    face, still, drawn = (
        dnt_core.FaceParameters.zeros(3),
        live("happy", 0.7),
        model(FRAMES, "sad", 0.5, face=FACE),
    )
    intensity = np.array([0.5, 0.5, 0.5], np.float32)
    vectors = dnt_core.encode(["sad"] * 3, intensity)
    moving = next(model.parts(VIDEO, "sad:0→1"))
    try:
        torch.set_default_device("meta")
        again = dnt_core.load("M003", size=128, device="cpu")
        assert np.array_equal(again(FRAMES, ["sad"] * 3, intensity, face=face), drawn)
        assert np.array_equal(dnt_core.encode(["sad"] * 3, intensity), vectors)
        assert np.array_equal(again(FRAMES, vectors, face=face), drawn)
        assert np.array_equal(next(again.parts(VIDEO, "sad:0→1")), moving)
        fresh = dnt_core.LiveFace(model.weights, VIDEO, runtime="torch")
        assert same(fresh("happy", 0.7, pose=(0, 0, 0)), still)
        assert same(fresh(ciec=vectors[0], frame=0), live("sad", 0.5))
        assert dnt_core.load_face_model("procedural:460").mean_shape.device.type == "cpu"
        assert torch.zeros(1).device.type == "meta"
    finally:
        torch.set_default_device(None)
