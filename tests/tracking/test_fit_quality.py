r"""How near a fit is to the truth: against itself, the mean face, and displacements that are known."""

from __future__ import annotations

import numpy as np
import pytest

from dnt_core.clips import FaceCache, write_video
from dnt_core.face3d import load_face_model
from dnt_core.tracking.fit_picture import FITTED, SEEN, draw_dots, fit_picture
from dnt_core.tracking.fit_quality import fit_quality, mean_face
from tests.tracking.tool_tracks import MODEL, filmed


@pytest.fixture(scope="module")
def model():
    return load_face_model(MODEL)


def test_the_truth_is_at_no_distance_from_itself(model):
    true = filmed().true
    same = fit_quality(model, true, true, 128)
    assert same.lip_mm == same.landmark_px == same.uv_texels == 0
    assert same.expression_correlation == pytest.approx(1, abs=1e-5)
    assert same.movement_correlation == pytest.approx(1, abs=1e-5)


def test_the_mean_face_moves_not_at_all(model):
    true = filmed().true
    plain = fit_quality(model, mean_face(true), true, 128)
    assert plain.expression_correlation == plain.movement_correlation == 0
    assert plain.lip_mm > 1 and plain.landmark_px > 1 and plain.uv_texels > 1
    assert (true[:, :144] != 0).any()  # it is a copy that was changed


def test_px_are_those_of_256_whatever_the_picture(model):
    true = filmed().true.copy()
    shifted = true.copy()
    shifted[:, 254] += 0.1  # dm to the right, at about 10 dm from the camera
    found = [fit_quality(model, shifted, true, size) for size in (64, 256)]
    assert found[0].landmark_px == pytest.approx(found[1].landmark_px, rel=1e-3)
    px_per_dm = 1015 * 256 / 224 / (10 - true[:, 256].mean())
    assert found[1].landmark_px == pytest.approx(0.1 * px_per_dm, rel=0.1)
    assert found[1].lip_mm == 0 and found[1].movement_correlation == pytest.approx(1, abs=1e-5)


def test_a_column_that_moves_little_counts_for_the_coefficients_alone(model):
    true = np.zeros((6, 257))
    true[:, 80] = np.linspace(-1, 1, 6)
    wrong = true.copy()
    wrong[:, 143] = np.linspace(1, -1, 6)  # the last column is the shortest
    found = fit_quality(model, wrong, true, 64)
    assert found.expression_correlation == pytest.approx(np.sqrt(0.5), abs=1e-4)
    assert found.movement_correlation > 0.999


def test_other_shapes_are_said(model):
    with pytest.raises(ValueError, match=r"fitted has shape \(3, 257\), true \(4, 257\)"):
        fit_quality(model, np.zeros((3, 257)), np.zeros((4, 257)), 64)


def test_a_cross_has_the_arms_asked_for_and_none_is_cut_at_the_rim():
    points = np.array([[5.2, 4.0], [1.0, 5.0], [9.0, 9.0]])  # column, row; the last lies in the corner
    for arm, pixels in ((1, 10), (2, 9)):  # with arms of 2 px the second does not fit, either
        picture = np.zeros((10, 10, 3), np.uint8)
        draw_dots(picture, points, SEEN, arm)
        assert (picture == SEEN).all(-1).sum() == pixels
        assert (picture[4, 5 - arm : 6 + arm] == SEEN).all() and (picture[4 - arm : 5 + arm, 5] == SEEN).all()


def test_the_picture_shows_frames_with_a_face_and_rims_those_not_trusted(tmp_path):
    r"""Real films begin and end without one: five of six frames shown had an invented face."""
    levels = np.arange(10, 250, 10).astype(np.uint8)
    write_video(tmp_path / "me.mp4", np.tile(levels[:, None, None, None], (1, 64, 64, 3)), 30, mark=False)
    confidence = np.r_[np.zeros(16), np.full(7, 0.9), 0.3].astype(np.float32)
    cache = FaceCache(
        filmed().true.astype(np.float32), 30, MODEL, "a test", crop=(0, 0, 64, 64), confidence=confidence
    )
    corners = fit_picture(tmp_path / "me.mp4", cache, columns=4)[8, 8 + 256 * np.arange(4), 0]
    np.testing.assert_allclose(corners, levels[[16, 18, 21, 23]], atol=4)
    rims = fit_picture(tmp_path / "me.mp4", cache, columns=4)[0, 8 + 256 * np.arange(4)]
    assert [tuple(rim) == FITTED for rim in rims.tolist()] == [False, False, False, True]
