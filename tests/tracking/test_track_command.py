r"""``dnt track`` as it is typed: videos, other tools' files, labels, and what is said when something is
missing.
"""

from __future__ import annotations

import os
import sys
import types
import unicodedata
import warnings
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.clips import read_face_cache, scan
from dnt_core.face3d import load_face_model
from dnt_core.tracking import TrackError, track_command
from dnt_core.tracking.labels import Label, into_layout, label_of_file, label_of_name, read_labels
from dnt_core.tracking.landmark_files import read_landmarks
from dnt_core.tracking.video_track import see_landmarks
from tests.regression.basel_folder import write_basel_model
from tests.tracking.tool_tracks import (
    HEIGHT,
    MODEL,
    WIDTH,
    filmed,
    landmarks_of,
    tracked,
    write_deep3d,
    write_film,
)


def dnt(*words):
    return CliRunner().invoke(app, [str(word) for word in ("track", *words)])


def write_openface(path, landmarks, lost=()):
    columns = ["frame", " face_id", " timestamp", " confidence", " success"]
    columns += [f" x_{i}" for i in range(68)] + [f" y_{i}" for i in range(68)]
    lines = [",".join(columns)]
    for t, points in enumerate(landmarks):
        ok = t not in lost
        row = [t + 1, 0, t / 30, 0.98 if ok else 0.1, int(ok), *points[:, 0], *points[:, 1]]
        lines.append(", ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row))
    path.write_text("\n".join(lines))
    return path


def test_a_video_with_openfaces_csv_beside_it(tmp_path):
    film = write_film(tmp_path / "me.mp4")
    write_openface(tmp_path / "me.csv", filmed().frame, lost=(7,))
    done = dnt(film, "--face-model", MODEL)
    assert done.exit_code == 0, done.output
    assert "24 frames, procedural:900, 23 trusted; look at me.face3d.png" in done.output
    assert "1 of 24 frames have no face: confidence 0" in done.output
    cache = read_face_cache(film)
    assert cache.source == "OpenFace, fitted to landmarks and pixels"
    assert cache.confidence[7] == 0 and cache.confidence[6] > 0.5
    top, left, side, _ = cache.crop
    true = (filmed().frame + 0.5 - [left, top]) * 256 / side - 0.5
    off = np.linalg.norm(landmarks_of(cache.parameters, 256) - true, axis=-1).mean(axis=1)
    assert np.delete(off, 7).max() < 2
    before = (tmp_path / "me.face3d.npz").stat().st_mtime_ns
    (tmp_path / "me.face3d.png").unlink()  # as when a run is killed between the two
    assert "there already\n" in dnt(film).output
    assert (tmp_path / "me.face3d.npz").stat().st_mtime_ns == before
    assert (tmp_path / "me.face3d.png").is_file()
    other = dnt(film, "--face-model", "bfm2009")
    assert "there already, but of the face model 'procedural:900': --again tracks it anew" in other.output
    os.utime(film, ns=(before + 10**9,) * 2)  # filmed anew under its name
    assert "there already, but older than the video: --again tracks it anew" in dnt(film).output


def test_a_bar_ends_when_the_next_stage_begins(tmp_path, monkeypatch):
    r"""Its clock went on through the fit to pixels, and told seconds per frame of the fit to landmarks."""
    film, made = write_film(tmp_path / "me.mp4", 6), []
    np.save(tmp_path / "me.landmarks.npy", filmed().frame[:6])

    class Bar(track_command.tqdm):
        def __init__(self, *words, **named):
            assert all(bar.disable for bar in made)  # which close() sets
            made.append(self)
            super().__init__(*words, **named)

    monkeypatch.setattr(track_command, "tqdm", Bar)
    track_command.track_with_progress([film], face_model=MODEL)
    assert [(bar.desc, bar.n, bar.total) for bar in made] == [
        ("me.mp4: landmark fit", 6, 6),
        ("me.mp4: pixel fit", 6, 6),
    ]


def test_importing_by_command(tmp_path):
    film = write_film(tmp_path / "speech.mp4")
    folder = write_deep3d(tmp_path / "results", tracked()[0])
    assert "needs --video" in dnt("--import", folder).output
    np.save(tmp_path / "lm68.npy", filmed().frame)
    done = dnt("--import", folder, "--video", film, "--landmarks", tmp_path / "lm68.npy")
    assert done.exit_code == 0, done.output
    assert (
        "24 frames, bfm2009, 24 trusted; no picture: face model 'bfm2009' needs a file of yours"
        in done.output
    )
    refused = dnt("--import", folder, "--video", film, "--face-model", "procedural")
    assert refused.exit_code == 2 and "belong to 'bfm2009', not to 'procedural'" in refused.output


def test_a_face_models_file_is_named_in_caches_by_its_name(tmp_path, monkeypatch):
    r"""``--face-model FILE``, as a path from here: the cache is read from elsewhere, and drawn."""
    write_basel_model(tmp_path / "model", MODEL)
    monkeypatch.setenv("DNT_BFM", "restored afterwards")
    monkeypatch.delenv("DNT_BFM")
    monkeypatch.chdir(tmp_path / "model")
    film = write_film(tmp_path / "me.mp4")
    np.save(tmp_path / "lm68.npy", filmed().frame)
    given = ("--landmarks", tmp_path / "lm68.npy", "--face-model", "BFM_model_front.mat")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a face of fewer vertices than the whole Basel model's
        done = dnt(film, *given, "--landmarks-only")
        assert done.exit_code == 0 and "look at me.face3d.png" in done.output, done.output
        assert read_face_cache(film).face_model == "bfm2009"
        monkeypatch.delenv("DNT_BFM")
        folder = write_deep3d(tmp_path / "results", tracked()[0])
        done = dnt("--import", folder, "--video", film, *given)  # the file is used, not only compared
        assert done.exit_code == 0 and "the poses were carried without it" not in done.output
    missing = dnt(film, "--again", "--face-model", "nowhere.mat")
    assert missing.exit_code == 1 and "nowhere.mat: no such file" in missing.output


def test_clips_are_copied_into_meads_layout_by_name_or_by_csv(tmp_path):
    film = write_film(tmp_path / "happy_2_003.mp4")
    np.save(tmp_path / "lm68.npy", filmed().frame)
    done = dnt(film, "--landmarks", tmp_path / "lm68.npy", "--out", tmp_path / "data", "--actor", "ann",
               "--face-model", MODEL, "--landmarks-only")  # fmt: skip
    assert done.exit_code == 0, done.output
    clip = scan(tmp_path / "data").clips[0]
    assert (clip.actor, clip.expression, clip.level, clip.number) == ("ann", "happy", 2, 3)
    assert clip.face_cache is not None and film.exists()
    other = write_film(tmp_path / "other" / "happy_2_003.mp4", 12)
    refused = dnt(other, "--out", tmp_path / "data", "--actor", "ann")
    assert refused.exit_code == 2 and "is another video than" in refused.output
    (tmp_path / "labels.csv").write_text("file,actor,expression,level,number\nhappy_2_003.mp4,bob,sad,1,9\n")
    labels = read_labels(tmp_path / "labels.csv")
    assert labels["happy_2_003.mp4"].place(tmp_path, ".mp4").parts[-6:] == (
        "bob", "video", "front", "sad", "level_1", "009.mp4",
    )  # fmt: skip


def test_landmarks_that_were_found_once_stand_behind_those_that_are_given(tmp_path):
    r"""A CSV that was put beside a video later was not looked at, and a newer video not noticed."""
    film = write_film(tmp_path / "me.mp4")
    np.savez(tmp_path / "me.landmarks.npz", landmarks=filmed().frame + 40)
    os.utime(tmp_path / "me.landmarks.npz", (1, 1))
    old = "me.landmarks.npz is older than the video: if they were found in another, remove that file"
    assert old in dnt(film, "--face-model", MODEL, "--landmarks-only").output
    assert read_face_cache(film).source.startswith("MediaPipe")
    write_openface(tmp_path / "me.csv", filmed().frame)
    said = dnt(film, "--face-model", MODEL, "--landmarks-only", "--again").output
    assert read_face_cache(film).source.startswith("OpenFace") and "older than" not in said


def test_landmarks_beside_a_video_go_with_it_into_the_layout(tmp_path):
    film = write_film(tmp_path / "happy_2_003.mp4")
    np.save(tmp_path / "happy_2_003.landmarks.npy", filmed().frame)
    done = dnt(film, "--out", tmp_path / "data", "--face-model", MODEL, "--landmarks-only")
    assert done.exit_code == 0, done.output
    clip = scan(tmp_path / "data").clips[0]
    np.testing.assert_array_equal(np.load(clip.video.with_name("003.landmarks.npy")), filmed().frame)


def test_landmarks_that_were_made_anew_go_into_the_layout_again(tmp_path):
    r"""The first copy was fitted for ever, whatever became of the landmarks beside the video."""
    film, points = write_film(tmp_path / "happy_2_003.mp4"), tmp_path / "happy_2_003.landmarks.npy"
    known = ("--out", tmp_path / "data", "--face-model", MODEL, "--landmarks-only")
    np.save(points, filmed().frame + 30)
    assert dnt(film, *known).exit_code == 0
    assert "there already\n" in dnt(film, *known).output
    np.save(points, filmed().frame)
    os.utime(points, (2e9, 2e9))
    os.utime(scan(tmp_path / "data").clips[0].face_cache, (1e9, 1e9))
    os.utime(film, (1e8, 1e8))
    os.utime(scan(tmp_path / "data").clips[0].video, (1e8, 1e8))
    assert "there already, but older than its landmarks: --again tracks it anew" in dnt(film, *known).output
    assert dnt(film, *known, "--again").exit_code == 0
    cache = read_face_cache(scan(tmp_path / "data").clips[0].video)
    top, left, side, _ = cache.crop
    true = (filmed().frame + 0.5 - [left, top]) * 256 / side - 0.5
    assert np.abs(cache.landmarks - true).max() < 1


def test_a_video_that_got_another_label_is_said_to_lie_there_twice(tmp_path):
    film = write_film(tmp_path / "1.mp4")
    np.save(tmp_path / "1.landmarks.npy", filmed().frame)
    table = tmp_path / "labels.csv"
    for label in ("ann,happy,2,3", "ann,sad,2,3"):
        table.write_text(f"file,actor,expression,level,number\n1.mp4,{label}\n")
        done = dnt(film, "--out", tmp_path / "d", "--labels", table, "--face-model", MODEL,
                   "--landmarks-only")  # fmt: skip
        assert done.exit_code == 0, done.output
        assert ("is the same film as" in done.output) == ("sad" in label)
    said = done.output.replace("\n", "")
    assert "happy/level_2/003.mp4 is the same film as" in said and "remove the one that is wrong" in said


@pytest.mark.parametrize("kind", ["a table", "files"])
def test_landmarks_of_some_frames_alone_are_said(tmp_path, kind):
    """py-feat's skip_frames: it was said that the other frames have no face."""
    film, points = write_film(tmp_path / "me.mp4"), filmed().frame[::4]
    given = tmp_path / "me.csv"
    if kind == "a table":
        names = [f"{axis}_{i}" for i in range(68) for axis in "xy"]
        rows = [",".join(map(str, [4 * k, *p.ravel()])) for k, p in enumerate(points)]
        given.write_text("\n".join([",".join(["frame", *names]), *rows]))
    else:
        given = tmp_path / "points"
        given.mkdir()
        for k, p in enumerate(points):
            np.save(given / f"{4 * k:05d}.npy", p)
    seen = see_landmarks(film, [given], load_face_model(MODEL), lambda *_: None)
    assert "one frame in 4 has landmarks" in seen.note and "have no face" not in seen.note
    assert np.isfinite(seen.inside).all((1, 2)).sum() == 6


def test_labels_in_names_and_what_is_wrong_with_some(tmp_path):
    label = label_of_name(Path("ann-angry-level_3-1.mov"))
    assert (label.actor, label.expression, label.level, label.number) == ("ann", "angry", 3, 1)
    assert label_of_name(Path("neutral_4.mp4")).number == 4
    wrong = {
        "holiday.mp4": "expected a name with one of",
        "happy.mp4": "no level after 'happy'",
        "happy_4_1.mp4": "at level 4, number 1: expected",
    }
    for name, said in wrong.items():
        with pytest.raises(TrackError, match=said):
            label_of_name(Path(name))
    (tmp_path / "l.csv").write_text("file,actor,expression,level,number\na.mp4,ann,glad,1,1\n")
    with pytest.raises(TrackError, match="line 2: 'ann', 'glad' at level 1"):
        read_labels(tmp_path / "l.csv")
    (tmp_path / "l.csv").write_text("file,actor\n")
    with pytest.raises(TrackError, match="no column 'expression'"):
        read_labels(tmp_path / "l.csv")


def test_a_name_keeps_the_actors_capitals_and_a_level_between_two():
    label = label_of_name(Path("M003_Happy_2_001.mp4"))
    assert (label.actor, label.expression, label.level, label.number) == ("M003", "happy", 2, 1)
    assert label_of_name(Path("happy_1.5_007.mp4")) == Label("me", "happy", 1.5, 7)
    assert label_of_name(Path("happy.2.007.mp4")) == Label("me", "happy", 2, 7)
    for name in ("M003_front_happy_level_2_014", "M003-Front-happy-2-014", "M003_happy_2_front_014"):
        assert label_of_name(Path(f"{name}.mp4")) == Label("M003", "happy", 2, 14)
    assert label_of_name(Path("Wavefront_happy_2_1.mp4")).actor == "Wavefront"
    with pytest.raises(TrackError, match="by its name it is seen from left_30, expected from the front"):
        label_of_name(Path("M003_left_30_happy_level_1_001.mp4"))  # was an actor M003_left_30 from the front
    with pytest.raises(TrackError, match="number 3.5: expected"):
        label_of_name(Path("happy_2_3.5.mp4"))


def test_clips_of_one_name_in_several_folders_keep_their_own_labels(tmp_path):
    csv = tmp_path / "labels.csv"
    rows = ["ann/001.mp4,ann,happy,2,1", "bob\\001.mp4,bob,sad,3,1", "002.mp4,ann,fear,1,1"]
    csv.write_text("\n".join(["file,actor,expression,level,number", *rows]))
    labels = read_labels(csv)
    assert label_of_file(Path("clips/ann/001.mp4"), labels).actor == "ann"
    assert label_of_file(Path("clips/bob/001.mp4"), labels).actor == "bob"
    assert label_of_file(Path("elsewhere/002.mp4"), labels).expression == "fear"
    assert label_of_file(Path("clips/003.mp4"), labels) is None
    with pytest.raises(TrackError, match="several rows are of a file of this name: ann/001.mp4, bob/001.mp4"):
        label_of_file(Path("clips/eve/001.mp4"), labels)
    csv.write_text("\n".join(["file,actor,expression,level,number", rows[0], rows[0].replace("2,1", "3,1")]))
    with pytest.raises(TrackError, match="line 3: ann/001.mp4 has another row"):
        read_labels(csv)


def test_another_video_of_the_same_size_is_not_taken_for_the_first(tmp_path):
    label = Label("ann", "happy", 2, 1)
    for name, content in (("a.avi", b"one"), ("b.avi", b"two")):
        (tmp_path / name).write_bytes(content)
    place = into_layout(tmp_path / "a.avi", label, tmp_path / "data")
    assert into_layout(tmp_path / "a.avi", label, tmp_path / "data") == place
    with pytest.raises(TrackError, match="is another video than"):
        into_layout(tmp_path / "b.avi", label, tmp_path / "data")
    capital = place.rename(place.with_suffix(".AVI"))  # as cameras name them: refused as another's cache
    assert into_layout(tmp_path / "a.avi", label, tmp_path / "data") == capital
    assert into_layout(capital, label, tmp_path / "data") == capital
    with pytest.raises(TrackError, match="001.AVI is another video than"):
        into_layout(tmp_path / "b.avi", label, tmp_path / "data")


def test_an_actor_whom_the_folders_would_not_tell_is_refused(tmp_path):
    r"""1 and 2 were one person, called by the folder around them, with one identity."""
    film = write_film(tmp_path / "a.mp4", 2)
    for root, actor, whose in (("data", "1", "data"), ("data", "Video", "data"), ("M003", "ann", "M003")):
        with pytest.raises(TrackError, match=f"count as those of '{whose}', not of '{actor}'; give another"):
            into_layout(film, Label(actor, "happy", 2, 1), tmp_path / root)
    for root, actor in (("data", "A1"), ("M003", "W009"), ("video", "front"), ("data", "data")):
        into_layout(film, Label(actor, "happy", 2, 1), tmp_path / root)
    assert scan(tmp_path).actors == ("A1", "W009", "data", "front")


def test_a_name_in_other_capitals_is_no_second_person(tmp_path):
    r"""A training of ann then learnt from half of her clips, without a word."""
    film = write_film(tmp_path / "a.mp4", 2)
    into_layout(film, Label("ann", "happy", 2, 1), tmp_path / "data")
    with pytest.raises(TrackError, match="has clips of 'ann', and 'Ann' would be somebody else"):
        into_layout(film, Label("Ann", "happy", 2, 2), tmp_path / "data")
    into_layout(film, Label("ann", "happy", 2, 2), tmp_path / "data")


def test_nothing_to_find_landmarks_with_is_one_sentence(tmp_path, monkeypatch):
    film = write_film(tmp_path / "me.mp4")
    done = dnt(film, "--face-model", MODEL)
    said = " ".join(done.output.split())
    assert done.exit_code == 1 and "MediaPipe's face landmarker was not found" in said
    assert "no landmarks are given or lie beside me.mp4 (me.csv or me.landmarks.npy)" in said
    assert said.endswith(
        "or give --landmarks: OpenFace's CSV, or any 68 points per frame; "
        "docs/your_own_face.md says how mediapipe 0.10.21, which brings its model, finds them"
    )
    (tmp_path / "face.task").write_bytes(b"x")
    monkeypatch.setenv("DNT_FACE_LANDMARKER", str(tmp_path / "face.task"))
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    done = dnt(film, "--face-model", MODEL)
    assert done.exit_code == 1 and "mediapipe is not installed to find them" in " ".join(done.output.split())
    gone = dnt(tmp_path / "gone.mp4", "--landmarks", tmp_path / "lm68.npy")
    assert gone.exit_code != 0 and "gone.mp4" in gone.output


def test_mediapipes_points_become_68_and_are_kept(tmp_path, monkeypatch):
    r"""Through a stand-in with the same interface: its own file is Google's and not here."""
    from dnt_core.tracking.mediapipe_landmarks import OF_478

    film = write_film(tmp_path / "me.mp4")
    (tmp_path / "face.task").write_bytes(b"x")
    monkeypatch.setenv("DNT_FACE_LANDMARKER", str(tmp_path / "face.task"))
    asked = []

    class Landmarker:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        @classmethod
        def create_from_options(cls, options):
            return cls()

        def detect_for_video(self, picture, time):
            asked.append(time)
            if len(asked) == 6:
                return types.SimpleNamespace(face_landmarks=[])
            points = [types.SimpleNamespace(x=0.0, y=0.0) for _ in range(478)]
            for i, (x, y) in zip(OF_478, filmed().frame[len(asked) - 1], strict=True):
                points[i] = types.SimpleNamespace(x=(x + 0.5) / WIDTH, y=(y + 0.5) / HEIGHT)
            return types.SimpleNamespace(face_landmarks=[points])

    vision = types.SimpleNamespace(
        FaceLandmarker=Landmarker,
        FaceLandmarkerOptions=lambda **o: o,
        RunningMode=types.SimpleNamespace(VIDEO=1),
    )
    root, tasks, python = types.ModuleType("mediapipe"), types.ModuleType("t"), types.ModuleType("p")
    root.Image, root.ImageFormat = lambda **o: o, types.SimpleNamespace(SRGB=1)
    python.vision, python.BaseOptions, tasks.python = vision, lambda **o: o, python
    for name, module in {
        "mediapipe": root,
        "mediapipe.tasks": tasks,
        "mediapipe.tasks.python": python,
    }.items():
        monkeypatch.setitem(sys.modules, name, module)
    done = dnt(film, "--face-model", MODEL, "--landmarks-only")
    assert done.exit_code == 0, done.output
    assert read_face_cache(film).source == "MediaPipe, fitted to landmarks"
    assert asked[:3] == [0, 33, 67] and len(asked) == 24
    kept = read_landmarks([tmp_path / "me.landmarks.npz"]).landmarks
    assert np.isnan(kept[5]).all()
    np.testing.assert_allclose(np.delete(kept, 5, 0), np.delete(filmed().frame, 5, 0), atol=1e-6)
    assert dnt(film, "--face-model", MODEL, "--again", "--landmarks-only").exit_code == 0 and len(asked) == 24


def test_landmarks_in_shares_of_the_picture_give_what_those_in_px_give(tmp_path):
    film, true = write_film(tmp_path / "me.mp4"), filmed().frame
    np.save(tmp_path / "px.npy", true)
    np.save(tmp_path / "shares.npy", (true + 0.5) / [WIDTH, HEIGHT])
    found = {}
    for name in ("px", "shares"):
        for way in ((film, "--landmarks"), ("--video", film, "--import")):
            known = ("--face-model", MODEL, *(() if "--import" in way else ("--landmarks-only", "--again")))
            done = dnt(*known, *way, tmp_path / f"{name}.npy")
            assert done.exit_code == 0, done.output
            found[name, len(way)] = read_face_cache(film).parameters
    for way in (2, 3):
        np.testing.assert_allclose(found["px", way], found["shares", way], atol=1e-4)


def test_landmark_files_in_every_dress(tmp_path):
    true = filmed().frame
    np.savez(tmp_path / "a.npz", landmarks=np.concatenate([true, true[..., :1]], axis=-1))
    np.savetxt(tmp_path / "b.csv", true.reshape(24, 136), delimiter=",")
    header = ",".join(f"x{i},y{i}" for i in range(68))
    np.savetxt(tmp_path / "c.csv", true.reshape(24, 136), delimiter=",", header=header, comments="")
    faces = np.empty(24, dtype=object)
    faces[:] = [None if t == 4 else points for t, points in enumerate(true)]
    np.save(tmp_path / "d.npy", faces, allow_pickle=True)
    for name in "abc":
        path = next(tmp_path.glob(f"{name}.*"))
        np.testing.assert_allclose(read_landmarks([path]).landmarks, true, atol=1e-6)
    assert np.isnan(read_landmarks([tmp_path / "d.npy"]).landmarks[4]).all()
    (tmp_path / "e.csv").write_text("a,b\n1,2\n")
    with pytest.raises(TrackError, match="expected columns x_0 to y_67"):
        read_landmarks([tmp_path / "e.csv"])
    (tmp_path / "f.lms").write_text("1 2\n3 4\n")
    with pytest.raises(TrackError, match="f.lms: 2 points, expected 68"):
        read_landmarks([tmp_path / "f.lms"])


def test_tables_of_labels_as_people_write_them(tmp_path):
    want, csv = Label("Zoë", "happy", 2, 1), tmp_path / "labels.csv"
    for text in (
        "File; Actor; Expression; Level; Number\nZoë.mp4;Zoë;Happy;2;1\n;;;;\n",
        "file, actor, expression, level, number\n\nZoë.mp4, Zoë, happy, 2, 1\n\n,,,,\n",
        unicodedata.normalize("NFD", "file,actor,expression,level,number\nZoë.mp4,Zoë,happy,2,1\n"),
    ):
        csv.write_text(text, encoding="utf-8-sig")
        for form in ("NFC", "NFD"):  # as Linux and macOS name files
            video = tmp_path / unicodedata.normalize(form, "Zoë.mp4")
            assert label_of_file(video, read_labels(csv)) == want
    csv.write_text("number,level,file,actor,expression\n1,2,a.mp4\n", encoding="utf-8")
    with pytest.raises(TrackError, match="labels.csv, line 2: its column 'actor' is empty"):
        read_labels(csv)
    csv.write_text('file,actor,expression,level,number\na.mp4,"an\nn",happy,2,1\n', encoding="utf-8")
    with pytest.raises(TrackError, match=r"labels.csv, line 3: 'an\\nn', 'happy' at level 2"):
        read_labels(csv)
    assert label_of_name(Path(unicodedata.normalize("NFD", "Jürgen_happy_2_1.mp4"))).actor == "Jürgen"
    with pytest.raises(TrackError, match="happy_003.mp4: no level after 'happy'"):
        label_of_name(Path("happy_003.mp4"))  # was level 3, number 1


def test_videos_that_would_share_a_cache_are_refused(tmp_path):
    film = write_film(tmp_path / "happy_2_001.mp4")
    for name in ("happy_2_001.mov", "happy-2-1.mkv"):
        (tmp_path / name).write_bytes(film.read_bytes())
    np.save(tmp_path / "happy_2_001.landmarks.npy", filmed().frame)
    unused = dnt(tmp_path / "happy_2_001.mp4", "--labels", tmp_path / "labels.csv")
    assert unused.exit_code == 2 and "--labels belongs to --out, which was not given" in unused.output
    done = dnt(tmp_path / "happy_2_001.mp4", tmp_path / "happy_2_001.mov")
    assert done.exit_code == 2 and "would share one cache, happy_2_001.face3d.npz" in done.output
    into_layout(tmp_path / "happy_2_001.mp4", Label("me", "happy", 2, 1), tmp_path / "data")
    with pytest.raises(TrackError, match=r"001.mp4 is there, and .*happy-2-1.mkv would share its cache"):
        into_layout(tmp_path / "happy-2-1.mkv", Label("me", "happy", 2, 1), tmp_path / "data")


def test_a_cache_of_another_number_of_frames_is_said(tmp_path):
    film = write_film(tmp_path / "me.mp4")
    np.save(tmp_path / "me.landmarks.npy", filmed().frame)
    assert dnt(film, "--face-model", MODEL, "--landmarks-only").exit_code == 0
    write_film(film, n_frames=12)
    os.utime(film, ns=(0, 0))  # an older film, moved here
    said = "there already, but of 24 frames where the video has 12: --again tracks it anew"
    assert said in dnt(film, "--face-model", MODEL).output


def test_a_damaged_video_that_was_tracked_before_does_not_end_the_tracking_of_others(tmp_path):
    films = [write_film(tmp_path / name) for name in ("a.mp4", "b.mp4")]
    for film in films:
        np.save(film.with_suffix(".landmarks.npy"), filmed().frame)
    assert dnt(films[0], "--face-model", MODEL, "--landmarks-only").exit_code == 0
    films[0].write_bytes(b"no film")
    done = dnt(*films, "--face-model", MODEL, "--landmarks-only")
    assert done.exit_code == 0 and "a.face3d.npz: there already, but " in done.output, done.output
    assert read_face_cache(films[1].with_suffix(".face3d.npz"))
    done = dnt(*films, "--face-model", MODEL, "--landmarks-only", "--again")
    assert done.exit_code == 0 and "1 of 2 videos could not be tracked, as is said" in done.output


def test_a_folder_stands_for_its_videos(tmp_path):
    for name in ("clips/b.MP4", "clips/a.mp4", "clips/._a.mp4", "clips/a.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = track_command._without_folders([tmp_path / "clips", tmp_path / "c.mp4"])
    assert [path.name for path in found] == ["a.mp4", "b.MP4", "c.mp4"]
    for view in ("front", "left_30"):
        write_film(tmp_path / "mead" / "ann" / "video" / view / "happy" / "level_1" / "001.mp4", 2)
    assert [path.parts[-4] for path in track_command._without_folders([tmp_path / "mead"])] == ["front"]
    (tmp_path / "none").mkdir()
    assert "none: no video in this folder" in dnt(tmp_path / "none").output
