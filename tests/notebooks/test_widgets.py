r"""Sliders of the notebooks: their callbacks at least, middle and most, and the widget around them."""

import base64
import io
import json
from pathlib import Path

import ipywidgets
import jupytext
import matplotlib.image
import numpy as np
import pytest
import torch

from dnt_core.actor.stills import actor_numbers, actor_sound, actor_still
from dnt_core.ciec import EXPRESSIONS
from dnt_core.face3d import FaceParameters
from dnt_core.plotting import png
from dnt_core.workbook.face_pictures import basis_face, face_picture, lamp, lit_face, turned_face
from dnt_core.workbook.sliders import ColumnWithStill, PictureWithSliders

SIZE = 64
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def gradient(level=0.5, count=3, name="warm"):
    color = {"warm": (1.0, 0.6, 0.2), "cool": (0.2, 0.6, 1.0)}[name]
    return torch.full((3, 8, 8), level * count / 3) * torch.tensor(color)[:, None, None]


@pytest.fixture
def panel():
    controls = {"level": (0.0, 1.0, 0.5), "count": (1, 3, 2), "name": ["warm", "cool"]}
    return PictureWithSliders(gradient, controls, {"level": "level (brighter →)"})


def shown(panel):
    return matplotlib.image.imread(io.BytesIO(panel.image.value), format="png")[..., :3]


def test_picture_follows_every_control(panel):
    assert panel.values == {"level": 0.5, "count": 2, "name": "warm"}
    for name, value in (("level", 1.0), ("count", 3), ("name", "cool")):
        before = shown(panel)
        panel.controls[name].value = value
        after = shown(panel)
        assert np.abs(after - before).max() > 0.05
        np.testing.assert_allclose(after[0, 0], gradient(**panel.values)[:, 0, 0], atol=1 / 255)


def test_reader_without_a_kernel_sees_a_still(panel):
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    still = matplotlib.image.imread(io.BytesIO(base64.b64decode(bundle["image/png"])), format="png")[..., :3]
    side = int(panel.image.width)
    assert still.shape[1] == side < still.shape[0]
    np.testing.assert_allclose(still[5, 5], gradient(**panel.values)[:, 0, 0], atol=1 / 255)
    before = still[side:]
    assert before.min() < 0.4  # the values are written below the picture
    assert "'level (brighter →)': 0.5" in bundle["text/plain"] and "'count': 2" in bundle["text/plain"]
    panel.controls["level"].value = 0.25
    after = matplotlib.image.imread(io.BytesIO(panel.still()), format="png")[side:, :, :3]
    assert np.abs(after - before).max() > 0.4
    json.dumps(bundle)


def test_a_notebooks_own_slider_has_a_still_without_a_kernel():
    image = ipywidgets.Image(value=png(gradient()), format="png", width=64)
    column = ColumnWithStill(image, ipywidgets.FloatSlider(value=0.25, description="warmer →"))
    bundle = column._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle and "'warmer →': 0.25" in bundle["text/plain"]
    still = matplotlib.image.imread(io.BytesIO(base64.b64decode(bundle["image/png"])), format="png")[..., :3]
    np.testing.assert_allclose(still[5, 5], gradient()[:, 0, 0], atol=1 / 255)
    assert still.shape[1] == 64 < still.shape[0] and still[64:].min() < 0.4  # the value is written below


def test_a_broken_callback_is_said_and_raised(panel):
    panel.controls["name"].options = ["warm", "cool", "odd"]
    with pytest.raises(KeyError, match="odd"):
        panel.controls["name"].value = "odd"
    assert "KeyError" in panel.message.value
    panel.controls["name"].value = "cool"
    assert panel.message.value == ""


def test_a_broken_callback_of_notebook_08_fails_its_cell():
    cells = jupytext.read(NOTEBOOKS / "08_live_sliders.py").cells
    begin = next(k for k, cell in enumerate(cells) if "def jpeg(" in cell.source)
    code = [cell.source for cell in cells[begin:] if cell.cell_type == "code"][:3]  # bytes, slider, a hand
    assert "slider.observe(follow" in code[1] and "slider.value = value" in code[2]
    still = np.zeros((8, 8, 3), np.uint8)
    names = {"torch": torch, "picture": still, "neutral": still, "FRAME": 0, "face": lambda *ask: still}
    for cell in code:
        exec(cell, names)

    def broken(*asked):
        raise RuntimeError("no tears left")

    names["face"] = broken
    with pytest.raises(RuntimeError, match="no tears left"):
        exec(code[2], names)


def test_png_reads_back():
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    back = matplotlib.image.imread(io.BytesIO(png(picture)), format="png")
    np.testing.assert_array_equal((back[..., :3] * 255).round(), picture)


@pytest.mark.parametrize("kind", ["identity", "expression", "texture"])
def test_basis_slider(toy_model, kind):
    least, middle, most = (basis_face(toy_model, kind, 0, value, SIZE) for value in (-3.0, 0.0, 3.0))
    assert least.shape == (3, SIZE, SIZE) and 0 <= most.min() and most.max() <= 1
    assert (least - most).abs().max() > 0.02 and not torch.equal(middle, most)
    with pytest.raises(ValueError, match="no basis 'pose'"):
        basis_face(toy_model, "pose", 0, 1.0, SIZE)


def test_lamp_lights_the_side_it_is_on(toy_model):
    face = FaceParameters.zeros()
    left, right = (lit_face(toy_model, face, a, 0.0, 1.0, SIZE).mean(0) for a in (-70.0, 70.0))
    half = SIZE // 2
    for picture, sign in ((left, 1), (right, -1)):  # mirrored lamps; the face is as good as symmetric
        beside = picture[half + 8 : half + 14]
        assert sign * (beside[:, half - 14 : half].mean() - beside[:, half : half + 14].mean()) > 0.02
    above, below = lamp(0.0, 80.0, 1.0), lamp(0.0, -80.0, 1.0)
    assert above.shape == (27,) and above[1] < 0 < below[1]
    assert lamp(30.0, 30.0, 0.0)[1:9].abs().max() == 0


def test_pose_slider(toy_model):
    face = FaceParameters.zeros()

    def covered(**pose):
        asked = {"nod": 0.0, "turn": 0.0, "tilt": 0.0, "closer": 0.0} | pose
        return float((turned_face(toy_model, face, image_size=SIZE, **asked) < 1).any(0).float().mean())

    straight = covered()
    assert covered(closer=2.0) > straight > covered(closer=-3.0)
    assert covered(turn=60.0) < straight


def test_face_picture_of_a_batch_and_of_painted_vertices(toy_model):
    batch = face_picture(toy_model, FaceParameters.zeros(2), SIZE, "grey")
    assert batch.shape == (2, 3, SIZE, SIZE) and torch.equal(batch[0], batch[1])
    red = torch.tensor([1.0, 0.0, 0.0]).expand(toy_model.n_vertices, 3)
    painted = face_picture(toy_model, FaceParameters.zeros(), SIZE, red)
    assert (painted[0] > painted[1] + 0.9).any()


@pytest.mark.slow
def test_actor_slider():
    for expression in EXPRESSIONS:
        least, middle, most = (actor_still("M003", expression, x, SIZE).astype(int) for x in (0.0, 0.5, 1.0))
        assert least.shape == (SIZE, SIZE, 3)
        if expression != "neutral":
            assert 0 < np.abs(middle - least).mean() < np.abs(most - least).mean()
    assert actor_numbers("M003", "happy", 1.0).batch_shape == ()
    assert actor_sound("M003", "happy", 1.0).shape == (16_000,)
    with pytest.raises(ValueError, match="moment must lie in"):
        actor_still("M003", "happy", 1.0, SIZE, moment=2.0)
