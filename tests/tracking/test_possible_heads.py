r"""Landmarks that no head in front of a camera gives are taken out; heads that only turn far are not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dnt_core.clips import read_face_cache, video_info
from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model
from dnt_core.tracking import TrackError
from dnt_core.tracking.importing import import_track
from dnt_core.tracking.possible_heads import possible_heads
from dnt_core.tracking.video_track import track_video
from tests.tracking.phone_film import detected, phone_film, turn_upright
from tests.tracking.tool_tracks import HEIGHT, MODEL, WIDTH, filmed, write_film


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("film") / "me.mp4")


@pytest.fixture(scope="module")
def model():
    return load_face_model(MODEL)


def seen_landmarks(noise=3.0):
    return filmed().frame + np.random.default_rng(0).normal(0, noise, (24, 68, 2))


def turned(points, degrees=180.0):
    r"""About their middle, anticlockwise as one looks at the picture."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    middle = points.mean(axis=-2, keepdims=True)
    return (points - middle) @ np.array([[c, -s], [s, c]]) + middle


def mirrored(points):
    middle = points.mean(axis=-2, keepdims=True)
    return (points - middle) * [-1, 1] + middle


def rows_without(landmarks):
    return np.flatnonzero(~np.isfinite(landmarks).all((1, 2))).tolist()


def of_head(angles):
    r"""(T, 68, 2): the filmed face turned to angles (T, 3) about x, y, z in degrees, with 2 px of noise."""
    true = filmed().true[:1].repeat(len(angles), axis=0)
    true[:, 224:227], true[:, 254:257] = np.radians(angles), 0
    faces = FaceParameters.from_vector(torch.from_numpy(true), order="storage")
    points = PerspectiveCamera(256).project(load_face_model(MODEL).posed_landmarks(faces))[..., :2].numpy()
    return points + np.random.default_rng(0).normal(0, 2, points.shape)


def test_single_frames_that_are_mirrored_or_upside_down_are_taken_out(model, film):
    seen = seen_landmarks()
    kept, said = possible_heads(model, seen, film, "me.npy")
    assert rows_without(kept) == [] and said == ""
    seen[5], seen[11:13], seen[20] = turned(seen[5]), mirrored(seen[11:13]), mirrored(turned(seen[20]))
    seen[17] = np.nan
    kept, said = possible_heads(model, seen, film, "me.npy")
    assert rows_without(kept) == [5, 11, 12, 17, 20]
    assert said == (
        "3 of 24 frames have mirrored landmarks, first frame 11: confidence 0; "
        "1 of 24 frames has a head turned against the frames around, first frame 5: confidence 0"
    )
    np.testing.assert_array_equal(
        np.delete(kept, [5, 11, 12, 17, 20], 0), np.delete(seen, [5, 11, 12, 17, 20], 0)
    )


@pytest.mark.parametrize("first", (True, False))
def test_frames_at_the_clips_ends_are_found_too(model, film, first):
    seen = seen_landmarks()
    rows = [0, 1] if first else [22, 23]
    seen[rows] = turned(seen[rows])
    assert rows_without(possible_heads(model, seen, film, "me.npy")[0]) == rows


def test_a_head_that_turns_far_but_steadily_stays(model, film):
    yaw = np.linspace(-85, 85, 40)
    for angles in (
        np.stack([0 * yaw, yaw, 0 * yaw], -1),
        np.stack([np.linspace(-50, 50, 40), 0 * yaw, 0 * yaw], -1),
        np.stack([0 * yaw, 0 * yaw, np.linspace(0, 180, 40)], -1),  # the phone is turned over on the way
        np.stack([0 * yaw, np.where(yaw < 0, -60, 60), 0 * yaw], -1),  # from one side to the other
    ):
        kept, _ = possible_heads(model, of_head(angles), film, "me.npy")
        assert rows_without(kept) == []


def test_a_clip_that_is_upside_down_throughout_is_said_and_fitted(model, film, tmp_path):
    seen = turned(seen_landmarks())
    middle = filmed().frame.mean((0, 1))
    seen = 2 * middle - seen_landmarks(1.0)  # the whole picture is turned, not each face in its place
    kept, said = possible_heads(model, seen, film, "me.npy")
    assert rows_without(kept) == []
    assert (
        said.startswith("the head is upside down in the picture (turned by 1") and said.count("degrees") == 1
    )
    np.save(tmp_path / "lm.npy", seen)
    found = track_video(film, [tmp_path / "lm.npy"], MODEL, pixels=None)
    assert found.note == said and (found.cache.confidence > 0.5).all()
    assert np.abs(np.abs(found.cache.parameters[:, 226]) - np.pi).max() < 0.5
    assert "lies on its side" in possible_heads(model, turned(seen_landmarks(), 90), film, "me.npy")[1]
    half = seen_landmarks()
    half[14:] = turned(half[14:])  # as where two films were joined: the longer part is kept
    assert rows_without(possible_heads(model, half, film, "me.npy")[0]) == list(range(14, 24))


def test_landmarks_that_are_mirrored_throughout_are_refused(film, tmp_path):
    for name, wrong in (("columns", [-1, 1]), ("rows", [1, -1])):
        seen = (seen_landmarks() + 0.5) * wrong + np.where(np.array(wrong) < 0, [WIDTH, HEIGHT], 0) - 0.5
        np.save(tmp_path / f"{name}.npy", seen)
        with pytest.raises(
            TrackError, match="in 24 of 24 frames left and right, or up and down, are exchanged"
        ):
            track_video(film, [tmp_path / f"{name}.npy"], MODEL, pixels=None)


@pytest.mark.parametrize("way", ("tracked", "imported"))
def test_landmarks_of_the_stored_picture_are_refused(tmp_path, way):
    r"""A phone stores its picture lying; readers that do not look at the header find the head on its side."""
    stored = write_film(tmp_path / "phone.mp4", size=(WIDTH, HEIGHT)[::-1])
    turn_upright(stored, HEIGHT, WIDTH)
    info = video_info(stored)
    assert (info.width, info.height) == (HEIGHT, WIDTH)
    upright = seen_landmarks() - [60, 0]
    lying = np.stack([upright[..., 1], HEIGHT - 1 - upright[..., 0]], -1)  # a quarter turn anticlockwise
    np.save(tmp_path / "lying.npy", lying)
    with pytest.raises(
        TrackError, match="as in the stored picture, but the header of phone.mp4 says that it"
    ):
        if way == "tracked":
            track_video(stored, [tmp_path / "lying.npy"], MODEL, pixels=None)
        else:
            import_track([tmp_path / "lying.npy"], stored, None, face_model=MODEL)
    np.save(tmp_path / "upright.npy", upright)
    assert track_video(stored, [tmp_path / "upright.npy"], MODEL, pixels=None).note == ""


def test_a_film_from_the_hand_is_tracked_and_its_bad_frames_are_not_trusted(tmp_path):
    film = phone_film(tmp_path / "ann.mp4", 1.0, upside_down=(25,), covered=(8, 9, 10, 11, 12))
    seen = detected(film, 2.0, lost=(8, 9, 10, 11, 12), turned=(18,), mirrored=(20, 21))
    np.save(tmp_path / "ann.landmarks.npy", seen)
    found = track_video(film.video, face_model=MODEL)
    cache = read_face_cache(film.video)
    assert np.flatnonzero(cache.confidence == 0).tolist() == [8, 9, 10, 11, 12, 18, 20, 21, 25]
    assert (np.delete(cache.confidence, [8, 9, 10, 11, 12, 18, 20, 21, 25]) > 0.5).all()
    assert found.note.startswith("5 of 30 frames have no face: confidence 0; 2 of 30 frames have mirrored")
    assert cache.fps.numerator / cache.fps.denominator == pytest.approx(29.97, abs=0.001)
    top, left, side, _ = cache.crop
    camera = PerspectiveCamera(256)
    fitted = camera.project(load_face_model(MODEL).posed_landmarks(cache.face_parameters()))[..., :2].numpy()
    true = (film.landmarks + 0.5 - [left, top]) * 256 / side - 0.5
    off = np.linalg.norm(fitted - true, axis=-1).mean(axis=1)
    assert off[cache.confidence > 0].max() < 2.5
    assert off[[18, 20, 21]].max() < 5  # between their neighbours, where they were 50 and more beside


def test_landmarks_outside_of_the_picture_are_marked_or_refused(film, tmp_path):
    r"""Those of a video twice as large made a square of which most is black, huge ones one of 300 PB."""
    seen = seen_landmarks(1.0)
    for wrong in (2.1 * seen, 1e6 * seen, seen - [WIDTH, 0]):
        np.save(tmp_path / "lm.npy", wrong)
        said = r"in \d+ of 24 frames the landmarks lie outside of the picture of me.mp4 \(480x360\), first"
        for way in ("tracked", "imported"):
            with pytest.raises(TrackError, match=said):
                if way == "tracked":
                    track_video(film, [tmp_path / "lm.npy"], MODEL, pixels=None)
                else:
                    import_track([tmp_path / "lm.npy"], film, face_model=MODEL)
    some = seen.copy()
    some[4], some[9:11] = some[4] + 3000, some[9:11] - 700
    np.save(tmp_path / "lm.npy", some)
    made = track_video(film, [tmp_path / "lm.npy"], MODEL, pixels=None)
    assert np.flatnonzero(made.cache.confidence == 0).tolist() == [4, 9, 10]
    assert "3 of 24 frames have landmarks outside of the picture, first frame 4: confidence 0" in made.note
    assert made.cache.crop[2] < 480
    large = 4 * (seen - seen.mean((0, 1))) + [WIDTH / 2, HEIGHT / 2]  # a face that fills the picture stays
    np.save(tmp_path / "lm.npy", large)
    assert (track_video(film, [tmp_path / "lm.npy"], MODEL, pixels=None).cache.confidence > 0.5).all()


def test_another_face_in_a_frame_does_not_widen_the_square_of_an_import(tmp_path):
    wide = write_film(tmp_path / "wide.mp4", size=(HEIGHT, 4 * WIDTH))
    seen = seen_landmarks(1.0)
    np.save(tmp_path / "lm.npy", seen)
    alone = import_track([tmp_path / "lm.npy"], wide, face_model=MODEL).cache
    seen[5] += [3 * WIDTH, 0]
    np.save(tmp_path / "lm.npy", seen)
    made = import_track([tmp_path / "lm.npy"], wide, face_model=MODEL).cache
    assert abs(made.crop[2] - alone.crop[2]) < 10 and made.confidence[4] > 0.5
