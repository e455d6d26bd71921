r"""Each public name says in one sentence what is wrong with an argument and what it expected."""

import numpy as np
import pytest
import torch

import dnt_core
from dnt_core.live.default_clip import default_clip
from dnt_core.metrics.psnr import psnr
from dnt_core.networks.generator import example_inputs

NAN = float("nan")
VIDEO = default_clip("M003", 128)
CLIP = dnt_core.scan(VIDEO.parents[5])[0]
CAMERA = dnt_core.PerspectiveCamera(image_size=32)
TRIANGLE = torch.tensor([[0, 1, 2]])
SCREEN = torch.tensor([[[0.0, 0.0, 1.0], [9.0, 0.0, 1.0], [0.0, 9.0, 1.0]]])
FACE = dnt_core.FaceParameters.zeros(1)
GENERATOR = dnt_core.Generator(dnt_core.GeneratorConfig(texture_size=32, bases=2, width=8, depth=2))
INPUTS, NEUTRAL = example_inputs(32), torch.zeros(1, 7)
PICTURE = torch.zeros(1, 3, 8, 8)


def on_path(*arguments):
    return dnt_core.parse_path("happy:1@0s").vectors(*arguments)


CASES = {
    "names or integer indices into EXPRESSIONS, got None": lambda: dnt_core.encode(None, 0.5),
    "names or integer indices into EXPRESSIONS, got 1.7": lambda: dnt_core.encode([1.7], 0.5),
    "real numbers in [0, 1], got '0.5'": lambda: dnt_core.encode("happy", "0.5"),
    "real numbers in [0, 1], got None": lambda: dnt_core.encode("happy", None),
    "real numbers in [0, 1], got dtype torch.complex": lambda: dnt_core.encode("happy", 1j),
    "shape (2,) and intensities of shape (3,)": lambda: dnt_core.encode(["sad", "happy"], torch.rand(3)),
    "7 entries each, got [[0], [0, 1]]": lambda: dnt_core.decode([[0], [0, 1]]),
    "n_frames must be a whole number, got 2.5": lambda: on_path(2.5, 25),
    "fps > 0 is needed, got '25'": lambda: on_path(3, "25"),
    "fps > 0 is needed, got inf": lambda: on_path(3, float("inf")),
    "time holds NaN": lambda: dnt_core.parse_path("happy:1@0s").at(NAN),
    "path must be a CIECPath, got 'happy:1'": lambda: dnt_core.format_path("happy:1"),
    "triples such as (0.5, 'happy', 1.0)": lambda: dnt_core.CIECPath([(0, "happy")]),
    "a Clip, one of dnt_core.scan(folder), got": lambda: dnt_core.load_clip(VIDEO),
    "size must be a whole number, got '64'": lambda: dnt_core.load_clip(CLIP, size="64"),
    "one number of pixels or (height, width)": lambda: dnt_core.load_clip(CLIP, size=(1, 2, 3)),
    "sample_rate must be a whole number, got nan": lambda: dnt_core.load_clip(CLIP, sample_rate=NAN),
    "start must be a whole number, got 1.5": lambda: dnt_core.load_clip(CLIP, start=1.5),
    "four numbers with a positive size, got (nan": lambda: dnt_core.load_clip(CLIP, crop=(NAN, 0, 5, 5)),
    "batch size must be at least 0, got -1": lambda: dnt_core.FaceParameters.zeros(-1),
    "parameters must be FaceParameters": lambda: dnt_core.load_face_model("procedural:400")(NEUTRAL),
    "camera image_size must be a number, got '32'": lambda: dnt_core.PerspectiveCamera(image_size="32"),
    "focal must be positive and finite, got inf": lambda: dnt_core.PerspectiveCamera(focal=float("inf")),
    "tensor (..., 3), got Tensor of shape (1, 5, 2)": lambda: CAMERA.project(torch.zeros(1, 5, 2)),
    "tensor (..., 3), got ndarray": lambda: CAMERA.unproject(np.zeros((1, 5, 3))),
    "screen must be a torch tensor": lambda: dnt_core.rasterize(SCREEN.numpy(), TRIANGLE, 8),
    "triangles must be a torch tensor": lambda: dnt_core.rasterize(SCREEN, [[0, 1, 2]], 8),
    "number of pixels or (H, W)": lambda: dnt_core.rasterize(SCREEN, TRIANGLE, (8, 8, 8)),
    "image height must be a whole number": lambda: dnt_core.rasterize(SCREEN, TRIANGLE, 8.0),
    "threads must be at least 1, got 0": lambda: dnt_core.rasterize(SCREEN, TRIANGLE, 8, threads=0),
    "config must be a GeneratorConfig, got 'nbval'": lambda: dnt_core.Generator("nbval"),
    "texture_size must be a whole number": lambda: dnt_core.GeneratorConfig(texture_size="32"),
    "frame must be FrameInputs, got None": lambda: GENERATOR(None, NEUTRAL),
    "ciec must be a tensor (B, 7)": lambda: GENERATOR(INPUTS, NEUTRAL.numpy()),
    "torch.float64 on cpu, but the network": lambda: GENERATOR(INPUTS.each(torch.Tensor.double), NEUTRAL),
    "widths such as (256, 256), got 32": lambda: dnt_core.DecouplingNetwork(hidden=32),
    "expression must be a tensor": lambda: dnt_core.DecouplingNetwork()(np.zeros((1, 64))),
    "expression is torch.float64": lambda: dnt_core.DecouplingNetwork()(torch.zeros(1, 64).double()),
    "size must be a whole number, got '128'": lambda: dnt_core.load("M003", size="128"),
    "device 'gpu' cannot be used here": lambda: dnt_core.load("M003", size=128, device="gpu"),
    "there is one for 128, 256": lambda: dnt_core.load("M003", size=99),
    "pictures in [0, 1], got torch.uint8": lambda: psnr(PICTURE.byte(), PICTURE),
    "got (1, 3, 8, 8), (3, 8, 8)": lambda: psnr(PICTURE, PICTURE[0]),
}


@pytest.mark.parametrize("says", CASES)
def test_one_sentence_says_what_is_wrong(says):
    with pytest.raises((TypeError, ValueError, FileNotFoundError)) as found:
        CASES[says]()
    assert says in str(found.value) and "\n" not in str(found.value)


@pytest.fixture(scope="module")
def model():
    return dnt_core.load("M003", size=128, device="cpu")


def test_a_call_of_a_model_says_what_is_wrong(model):
    frames = np.zeros((2, 64, 64, 3), np.uint8)
    for says, arguments in {
        "array (T, H, W, 3) of uint8, got Tensor of shape (2, 64, 64, 3)": (torch.from_numpy(frames), "sad"),
        "face must be a FaceCache or FaceParameters, got Tensor": (frames, "sad", 0.5, torch.zeros(2, 257)),
        "2 of them, one per frame, got ndarray of shape (3,)": (frames, "sad", np.zeros(3), FACE[[0, 0]]),
        "unknown expression 'joy'": (frames, "joy:0→1", None, FACE[[0, 0]]),
    }.items():
        clip, expression, intensity, face = (*arguments, None, None)[:4]
        with pytest.raises((TypeError, ValueError), match=".") as found:
            model(clip, expression, intensity, face=face)
        assert says in str(found.value)


def test_a_path_may_be_given_as_its_text(model):
    frames = np.full((3, 128, 128, 3), 90, np.uint8)
    face = dnt_core.FaceParameters.zeros(3)
    text, path = (model(frames, given, face=face) for given in ("sad:0→1", dnt_core.parse_path("sad:0→1")))
    assert np.array_equal(text, path) and (text[0] != text[2]).any()


def test_double_screens_give_double_fragments():
    """The compiled kernel stores single precision; what is asked for in double comes in double."""
    screen = SCREEN.double() * torch.tensor([0.9137, 0.9731, 1.0]) + torch.tensor([0.1, 0.2, 0.3])
    plain, torch_alone = (dnt_core.rasterize(screen, TRIANGLE, 8, backend=b) for b in ("auto", "torch"))
    assert plain.zbuf.dtype == torch.float64
    torch.testing.assert_close(plain.bary_coords, torch_alone.bary_coords, atol=1e-14, rtol=0)
    inside = plain.pix_to_face >= 0
    torch.testing.assert_close(plain.bary_coords.sum(-1)[inside], torch.ones(int(inside.sum())).double())


def test_types_in_an_array_and_a_tensor_of_intensities_give_a_tensor_with_its_gradient():
    intensity = torch.tensor([0.2, 0.4], dtype=torch.float64, requires_grad=True)
    vectors = dnt_core.encode(np.array(["sad", "happy"]), intensity)
    vectors.sum().backward()
    assert vectors.dtype == torch.float64 and intensity.grad.tolist() == [1.0, 1.0]
    assert dnt_core.encode([], []).shape == (0, 7)
