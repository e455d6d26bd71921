r"""Sweeps: the numbers of a response that is known, and of a face that brightens as it is told."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dnt_core.ciec import CIEC_TYPES
from dnt_core.studies.dynamic_texture import sweep
from dnt_core.studies.dynamic_texture.sweep import INTENSITIES, Sweep, sweep_intensity

ASKED = np.array([0.0, 0.25, 0.5, 1.0])


def response(measured=None, lips=None):
    r"""A sweep of two frames with the given numbers, broadcast; else of a perfect face."""
    full = (2, 7, 4)
    filled = {
        "measured": (ASKED if measured is None else measured, full),
        "lips": (0.0 if lips is None else lips, (*full, 20, 2)),
        "faded": (ASKED, full),
    }
    arrays = {name: np.broadcast_to(value, shape).copy() for name, (value, shape) in filled.items()}
    return Sweep(ASKED, np.arange(2), **arrays)


def test_a_perfect_response():
    perfect = response()
    assert perfect.monotone_fraction == 1 and perfect.worst_deviation == 0
    np.testing.assert_array_equal(perfect.curve, np.broadcast_to(ASKED, (7, 4)))
    assert not perfect.lip_shift_mm.any()


def test_one_step_back_is_one_step_of_all():
    once = response()
    once.measured[0, 2, 3] = 0.4  # less than at 0.5, in one frame of one expression
    assert once.monotone_fraction == pytest.approx(1 - 1 / (2 * 7 * 3))
    assert once.worst_deviation == pytest.approx(
        0.3
    )  # 0.6 in one of two frames: curves are means over frames


def test_a_response_that_stays_is_not_monotone_and_one_that_falls_neither():
    assert response(measured=0.3).monotone_fraction == 0
    assert response(measured=-ASKED).monotone_fraction == 0
    assert response(measured=ASKED**2).worst_deviation == pytest.approx(0.25)


def test_lips_that_move_by_k_millimetres_have_moved_by_k():
    lips = np.random.default_rng(0).normal(size=(2, 7, 1, 20, 2)) * np.ones((1, 1, 4, 1, 1))
    assert response(lips=lips).lip_shift_mm == pytest.approx(0)
    way = np.array([0.6, -0.8])  # of length 1
    k = np.array([0.0, 1.0, 2.5, 4.0])
    moved = response(lips=lips + k[:, None, None] * way).lip_shift_mm
    np.testing.assert_allclose(moved, np.broadcast_to(k, (7, 4)))
    half = lips + k[:, None, None] * way * (np.arange(20) < 10)[:, None]  # the upper half of the landmarks
    np.testing.assert_allclose(response(lips=half).lip_shift_mm, np.broadcast_to(k / 2, (7, 4)))


def test_lips_held_elsewhere_go_on_speaking_lips_held_still_do_not():
    speech = np.array([1.0, -1.0])[:, None, None, None, None] * np.array([0.0, 3.0])  # open, shut, by 3 mm
    held = response(lips=speech + np.array([0.0, 2.0, 4.0, 6.0])[:, None, None])
    assert held.lip_shift_mm[0, -1] == pytest.approx(6 * 2**0.5)
    assert held.speech_residual_mm == pytest.approx(0)
    still = response(lips=speech * np.array([1.0, 1.0, 0.5, 0.0])[:, None, None])
    np.testing.assert_allclose(still.speech_residual_mm, np.broadcast_to([0, 0, 1.5, 3], (7, 4)))


def test_lips_held_elsewhere_go_on_speaking_and_lips_that_stop_do_not():
    spoken = np.random.default_rng(0).normal(size=(2, 7, 1, 20, 2)) * np.ones((1, 1, 4, 1, 1))
    held = spoken + np.arange(4.0)[:, None, None] * np.array([0.6, -0.8])  # by 0 … 3 mm, in both frames alike
    assert response(lips=held).speech_residual_mm == pytest.approx(0)
    stopped = spoken * (1 - ASKED)[:, None, None]  # at 1 both frames show the same mouth
    half_apart = np.linalg.norm(spoken[0, :, 0] - spoken[1, :, 0], axis=-1).mean(-1) / 2  # (7,)
    residual = response(lips=stopped).speech_residual_mm
    np.testing.assert_allclose(residual, half_apart[:, None] * ASKED, atol=1e-12)


@pytest.fixture
def brightening(monkeypatch):
    r"""A face that brightens by ``0.3 · gain · intensity``; meter and reader of it."""

    def fold(generator, frame):
        def draw(ciec):
            brighter = (ciec * generator.gain).sum(1)[:, None, None, None]
            base = 0.4 * frame.mask + frame.background * (1 - frame.mask)
            return SimpleNamespace(image=base + 0.3 * brighter * frame.mask)

        return draw

    def texels(pictures, frame, meter):
        return (pictures * frame.mask).sum((1, 2, 3)) / (3 * frame.mask.sum())

    monkeypatch.setattr(sweep, "FoldedPose", fold)
    monkeypatch.setattr(sweep, "_texels", texels)

    def meter(brightness, name):
        return (brightness.numpy() - 0.4) / 0.3

    def reader(pictures, box):  # lips go down by 2 mm a unit of brightness of the whole picture
        down = 2 * pictures.mean((1, 2, 3))
        return torch.stack([torch.zeros_like(down), down], 1)[:, None].expand(-1, 20, 2).numpy()

    return meter, reader


def test_what_is_drawn_is_what_is_measured(toy_data, brightening):
    rows = np.array([2, 8, 300])
    every = SimpleNamespace(gain=torch.ones(7))
    found = sweep_intensity(every, toy_data, rows, *brightening)
    assert found.measured.shape == (3, 7, 7) and found.lips.shape == (3, 7, 7, 20, 2)
    assert found.monotone_fraction == 1 and found.worst_deviation < 1e-5
    np.testing.assert_allclose(found.faded, found.measured, atol=1e-5)  # brightness is linear in intensity
    assert found.rising.all()
    share = toy_data.batch(rows).frame.mask.mean().item()
    assert found.lip_shift_mm[:, -1] == pytest.approx([2 * 0.3 * share] * 7, abs=1e-5)
    sad_only = SimpleNamespace(gain=torch.eye(7)[CIEC_TYPES.index("sad")])
    found = sweep_intensity(sad_only, toy_data, rows, *brightening)
    assert [curve.max() > 0.5 for curve in found.curve] == [name == "sad" for name in CIEC_TYPES]
    assert found.monotone_fraction == pytest.approx(1 / 7) and found.worst_deviation == pytest.approx(1)


def test_a_sweep_starts_at_neutral(toy_data, brightening):
    with pytest.raises(ValueError, match="starts at intensity 0, got 0.2"):
        sweep_intensity(None, toy_data, np.array([0]), *brightening, intensities=(0.2, 1.0))
    assert INTENSITIES[0] == 0 and all(a < b for a, b in zip(INTENSITIES, INTENSITIES[1:], strict=False))
