r"""The fit to pixels, on pictures of the face model itself: texture, light and expression come back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model
from dnt_core.rendering.interpolate import interpolate_attributes
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.tracking import video_track
from dnt_core.tracking.landmark_fit import OWN_LANDMARKS, TRUSTED, fit_landmarks
from dnt_core.tracking.pixel_fit import fit_pixels, lasting
from dnt_core.tracking.surface_points import SurfacePoints, sample
from dnt_core.tracking.video_track import COVERED
from tests.tracking.tool_tracks import MODEL, filmed, landmarks_of, write_film

CAMERA, FIXED = PerspectiveCamera(256), OWN_LANDMARKS


@pytest.fixture(scope="module")
def scene():
    r"""The model, 12 pictures (T, 256, 256, 3) uint8 of it in a turning light, and the 257 numbers behind
    them.
    """
    model = load_face_model("procedural:4000")
    vectors = filmed().true[:12].astype(np.float32)
    rng = np.random.default_rng(3)
    vectors[:, 144:224] = rng.normal(0, 0.7, 80)
    vectors[:, 227:254] = rng.normal(0, 0.05, 27)
    vectors[:, 230] = 0.15 * np.sin(np.arange(12) / 3)
    faces = FaceParameters.from_vector(torch.from_numpy(vectors), order="storage")
    vertices, colors = model(faces)
    fragments = rasterize(CAMERA.project(vertices), model.triangles, 256)
    pictures = interpolate_attributes(fragments, model.triangles, colors.clamp(0, 1))
    pictures = pictures + (fragments.pix_to_face[..., :1] < 0) * torch.tensor([0.2, 0.3, 0.4])
    return model, (pictures * 255).round().byte().numpy(), vectors


def test_texture_light_and_expression_come_nearer(scene):
    model, pictures, vectors = scene
    true = landmarks_of(vectors, 256)
    noisy = true + np.random.default_rng(0).normal(0, 3, true.shape)
    first = fit_landmarks(model, noisy, CAMERA, FIXED)
    told = []
    fit = fit_pixels(
        model, noisy, pictures, first, CAMERA, FIXED, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(0, 12), (2, 12), (5, 12), (7, 12), (10, 12), (12, 12)]

    def px(parameters):
        return np.linalg.norm(landmarks_of(parameters, 256) - true, axis=-1).mean()

    assert px(fit.parameters) < 0.8 * px(first.parameters)

    def colors(parameters):
        return model.colors(FaceParameters.from_vector(torch.from_numpy(parameters), order="storage")).numpy()

    apart = np.abs(colors(fit.parameters) - colors(vectors)).mean()
    assert apart < 0.02 < 0.5 * np.abs(colors(first.parameters) - colors(vectors)).mean()
    assert (fit.parameters[:, 144:224] == fit.parameters[0, 144:224]).all()


def test_frames_without_a_face_stay_out_of_it(scene):
    model, pictures, vectors = scene
    seen = landmarks_of(vectors, 256)
    seen[4] = np.nan
    spoilt = pictures.copy()
    spoilt[4] = 0
    fit = fit_pixels(model, seen, spoilt, fit_landmarks(model, seen, CAMERA, FIXED), CAMERA, FIXED)
    assert not fit.found[4] and np.isfinite(fit.parameters).all()
    assert np.linalg.norm(landmarks_of(fit.parameters, 256)[3] - seen[3], axis=-1).mean() < 1


def test_normals_at_the_points_are_the_models():
    model = load_face_model(MODEL)
    points = SurfacePoints.of(model, 200)
    posed = points.mean[None]
    everywhere = model.normals(model.mean_shape.double()).numpy()
    ids = [int(np.linalg.norm(model.mean_shape.numpy() - p, axis=1).argmin()) for p in points.mean[:200]]
    np.testing.assert_allclose(points.normals(posed)[0], everywhere[ids], atol=1e-6)


def test_slopes_are_those_of_the_picture():
    column, row = np.meshgrid(np.arange(32), np.arange(32))
    picture = np.stack([4 * column + row, 2 * row, 0 * row + 50], -1).astype(np.uint8)
    color, slope = sample(picture[None], np.array([[[10.25, 20.5]]]))
    np.testing.assert_allclose(color[0, 0] * 255, [61.5, 41, 50], atol=1e-3)
    np.testing.assert_allclose(slope[0, 0] * 255, [[4, 1], [0, 2], [0, 0]], atol=1e-3)


def test_marks_of_the_skin_do_not_move_the_face(scene):
    r"""Moles and edges that no texture of the model holds lie still on the skin."""
    model, pictures, vectors = scene
    true = landmarks_of(vectors, 256)
    noisy = true + np.random.default_rng(0).normal(0, 3, true.shape)
    marks = np.random.default_rng(1).uniform(0.6, 1.0, len(model.mean_shape))
    faces = FaceParameters.from_vector(torch.from_numpy(vectors), order="storage")
    vertices, colors = model(faces)
    fragments = rasterize(CAMERA.project(vertices), model.triangles, 256)
    painted = colors.clamp(0, 1) * torch.from_numpy(marks).float()[:, None]
    spotted = (interpolate_attributes(fragments, model.triangles, painted) * 255).round().byte().numpy()
    first = fit_landmarks(model, noisy, CAMERA, FIXED)

    def moved(frames):
        fit = fit_pixels(model, noisy, frames, first, CAMERA, FIXED).parameters[:, 80:144]
        wanted = vectors[:, 80:144] - vectors[:, 80:144].mean(axis=0)
        return np.corrcoef((fit - fit.mean(axis=0)).ravel(), wanted.ravel())[0, 1]

    assert moved(spotted) > 0.9 * moved(pictures)


def test_what_lasts_is_the_robust_mean_of_what_is_seen():
    rng = np.random.default_rng(0)
    off = 0.05 * rng.normal(size=(40, 5, 3)) + 0.2 * np.array([1, 0, -1.0])
    off[:8, 0] += 0.9  # a hand
    weight = np.ones((40, 5))
    weight[:, 4] = 0
    found = lasting(off, weight)
    np.testing.assert_allclose(found[:4], np.tile([0.2, 0, -0.2], (4, 1)), atol=0.04)
    assert (found[4] == 0).all()


def test_a_hand_before_mouth_and_chin_is_noticed(scene):
    r"""The landmarks are those of the face behind it, as a detector guesses them."""
    model, pictures, vectors = scene
    true, hand = landmarks_of(vectors, 256), pictures.copy()
    for t in (5, 6, 7):
        (left, _), (right, low) = true[t, 48].astype(int), true[t, [54, 8]].max(0).astype(int)
        skin = hand[t, int(true[t, 30, 1]), int(true[t, 30, 0])]
        hand[t, int(true[t, 33, 1]) : low, left - 12 : right] = skin * 0.6  # in another light than the face
    first = fit_landmarks(model, true, CAMERA, FIXED)
    covered = [fit_pixels(model, true, film, first, CAMERA, FIXED).covered for film in (pictures, hand)]
    assert covered[0].max() < COVERED / 3
    assert (covered[1] > COVERED).nonzero()[0].tolist() == [5, 6, 7]


def test_frames_behind_a_hand_are_not_trusted_and_said(tmp_path, monkeypatch):
    film, share = write_film(tmp_path / "me.mp4"), np.zeros(24)
    share[3:5], share[9] = 0.3, 0.1
    monkeypatch.setattr(video_track, "fit_pixels", lambda *given: replace(given[3], covered=share))
    np.save(tmp_path / "me.landmarks.npy", filmed().frame)
    found = video_track.track_video(film, (), MODEL)
    assert (found.cache.confidence <= TRUSTED).nonzero()[0].tolist() == [3, 4, 9]
    assert found.cache.has_face.all() and found.note == (
        "3 frames between 3 and 9 do not look like the face at mouth and chin, as behind a hand: not trusted"
    )
