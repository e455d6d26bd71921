r"""Landmarks that were found in frames of another size than the video's as shown: stated, told, doubted."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.clips import read_face_cache, video_info
from dnt_core.tracking import TrackError, import_track
from dnt_core.tracking.foreign_track import ForeignTrack
from dnt_core.tracking.frame_size import in_shown_px, wideness
from dnt_core.tracking.landmark_files import read_landmarks
from tests.clips.film_maker import make_film
from tests.tracking.tool_tracks import (
    HEIGHT,
    MODEL,
    WIDTH,
    filmed,
    standard_windows,
    tracked,
    write_deep3d,
    write_film,
)


def scaled(landmarks, columns, rows):
    return (landmarks + 0.5) * [columns, rows] - 0.5


def dnt(*words):
    return CliRunner().invoke(app, [str(word) for word in ("track", *words)])


def test_landmarks_of_a_smaller_copy_are_doubted_and_stated(tmp_path):
    film, true = write_film(tmp_path / "me.mp4"), filmed().frame
    np.save(tmp_path / "me.landmarks.npy", scaled(true, 1 / 2, 1 / 2))
    known = ("--face-model", MODEL, "--landmarks-only", "--again")
    done = dnt(film, *known)
    assert (
        "all faces lie at the upper left, as those found in a smaller copy would, of me.mp4's 480x360"
        in done.output
    )
    done = dnt(film, *known, "--landmarks-size", "240x180")
    assert "landmarks found in frames of 240x180 px: brought to me.mp4's 480x360" in done.output
    stated = read_face_cache(film)
    np.save(tmp_path / "me.landmarks.npy", true)
    assert "lie at" not in dnt(film, *known).output
    right = read_face_cache(film)
    assert stated.crop == right.crop and right.video_size == (360, 480)
    np.testing.assert_allclose(stated.parameters, right.parameters, atol=1e-3)
    assert "expected width and height in px, such as 640x360" in dnt(film, "--landmarks-size", "640").output
    there = dnt(film, "--landmarks-size", "480x360").output
    assert "there already, but perhaps of landmarks of another size: --again tracks it anew" in there
    refused = dnt(film, *known, "--landmarks-size", "256x256").output
    assert "found in frames of 256x256 px, which is not the whole picture of me.mp4 (480x360)" in refused


def test_landmarks_of_a_larger_copy_are_doubted(tmp_path):
    film, true = write_film(tmp_path / "me.mp4"), filmed().frame
    found = in_shown_px(ForeignTrack("x", landmarks=scaled(true, 1.6, 1.6)), video_info(film))
    assert (
        "at the lower right, as those found in a larger copy would, of me.mp4's 480x360: see in the picture "
        "of the fit whether they lie on the face; if not, --landmarks-size" in found.note
    )


def test_files_say_the_size_of_their_frames(tmp_path):
    half = scaled(filmed().frame, 1 / 2, 1 / 2)
    np.savez(tmp_path / "a.npz", landmarks=half, size=(WIDTH // 2, HEIGHT // 2))
    assert read_landmarks([tmp_path / "a.npz"]).size == (240, 180)
    for folder in ("ori_imgs", "frames/detections"):
        (tmp_path / folder).mkdir(parents=True)
        for t, points in enumerate(half):
            np.savetxt(tmp_path / folder / f"{t}.txt", points)
    Image.new("RGB", (240, 180)).save(tmp_path / "ori_imgs" / "0.jpg")
    Image.new("RGB", (240, 180)).save(tmp_path / "frames" / "0.png")
    film = video_info(write_film(tmp_path / "me.mp4"))
    for folder in ("ori_imgs", "frames/detections"):
        track = read_landmarks(list((tmp_path / folder).glob("*.txt")))
        np.testing.assert_allclose(in_shown_px(track, film).landmarks, filmed().frame, atol=1e-9)


def test_openfaces_points_in_space_say_the_size_of_its_frames(tmp_path):
    r"""Its camera's middle is that of the frame: x = fx X / Z + width / 2."""
    half, rng = scaled(filmed().frame, 1 / 2, 1 / 2), np.random.default_rng(0)
    depth = rng.uniform(480, 520, half.shape[:2])
    space = [(half[..., k] - middle) / 187.5 * depth for k, middle in ((0, 120), (1, 90))] + [depth]
    head = ["frame", "success", *(f" {c}_{i}" for c in "xyXYZ" for i in range(68))]
    table = np.concatenate([half[..., 0], half[..., 1], *space], axis=1).round(1)
    rows = [[t + 1, 1, *row] for t, row in enumerate(table.tolist())]
    rows[3][2:] = [0.0] * 340
    rows[3][1] = 0
    (tmp_path / "me.csv").write_text("\n".join(",".join(map(str, row)) for row in [head, *rows]))
    track = read_landmarks([tmp_path / "me.csv"])
    assert track.size == (240, 180)
    for row in rows:
        row[138:] = rng.uniform(1, 100, 204).tolist()  # of no camera
    (tmp_path / "me.csv").write_text("\n".join(",".join(map(str, row)) for row in [head, *rows]))
    assert read_landmarks([tmp_path / "me.csv"]).size is None


def test_pixels_that_are_not_square_are_told_by_the_faces_or_asked_for(tmp_path):
    true = filmed().frame
    made = video_info(make_film(tmp_path / "wide.mp4", shape=Fraction(4, 3)))
    assert (made.width, made.height, made.stored_size) == (128, 64, (64, 96))
    film = replace(made, width=480, height=360, stored_size=(360, 340))
    stored = ForeignTrack("x", landmarks=scaled(true, 17 / 24, 1))
    found = in_shown_px(stored, film)
    np.testing.assert_allclose(found.landmarks, true, atol=1e-9)
    assert (
        "the pixels of wide.mp4 are not square (340x360, shown 480x360), and by the faces' shape"
        in found.note
    )
    shown = in_shown_px(ForeignTrack("x", landmarks=true), film)
    np.testing.assert_array_equal(shown.landmarks, true)
    film = replace(film, stored_size=(360, 450))
    asked = in_shown_px(stored, film)
    assert "are taken as px of the shown picture; --landmarks-size WIDTHxHEIGHT says it" in asked.note
    stored = ForeignTrack("x", landmarks=scaled(true, 15 / 16, 1))
    np.testing.assert_allclose(in_shown_px(stored, film, (450, 360)).landmarks, true, atol=1e-9)


def test_faces_that_are_far_too_wide_are_said(tmp_path):
    true, film = filmed().frame, video_info(write_film(tmp_path / "me.mp4"))
    assert abs(np.log(wideness(true))) < 0.15
    found = in_shown_px(ForeignTrack("x", landmarks=scaled(true, 0.9, 0.5)), film)
    said = "times as wide as faces are, as in frames of another shape than me.mp4's 480x360"
    assert said in found.note and "--landmarks-size" in found.note
    by_width = ForeignTrack("x", landmarks=true / 480 * [1, 0.6], landmarks_in="shares")
    found = in_shown_px(by_width, film)
    assert said in found.note and "--landmarks-size" not in found.note


def test_detections_in_a_smaller_copy_place_the_same_crops(tmp_path):
    stored, film = tracked()[0], write_film(tmp_path / "speech.mp4")
    folder = write_deep3d(tmp_path / "results", stored)
    made = {}
    for name, points, size in (
        ("px", filmed().frame, None),
        ("half", scaled(filmed().frame, 0.5, 0.5), (240, 180)),
    ):
        np.save(tmp_path / f"{name}.npy", points)
        made[name] = import_track(
            [folder], film, landmarks=[tmp_path / f"{name}.npy"], landmarks_size=size
        ).cache
    assert np.abs(np.subtract(made["px"].crop, made["half"].crop)).max() <= 4
    half = standard_windows(scaled(filmed().frame, 0.5, 0.5), 240, 180)[:, 2] * 2
    assert np.abs(half - standard_windows(filmed().frame, 480, 360)[:, 2]).max() < 4
    with pytest.raises(TrackError, match="not the whole picture"):
        import_track([folder], film, landmarks=[tmp_path / "px.npy"], landmarks_size=(256, 256))
