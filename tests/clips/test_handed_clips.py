r"""Files that people's cameras and programs write, as they were handed to the project (``media/``)."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from dnt_core.clips.cache_rows import stored_rows_to_grid
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.clip_reading import iterate_clips, load_clip
from dnt_core.clips.face_cache import FaceCache, read_face_cache, write_face_cache
from dnt_core.clips.scanner import scan
from dnt_core.clips.sound import read_audio
from dnt_core.clips.video import count_frames, video_info
from tests.clips.film_maker import as_clip, flash_and_beep

MEDIA = Path(__file__).parent / "media"


@pytest.fixture
def mead_of(tmp_path):
    def put(*names, actor="M003"):
        folder = tmp_path / actor / "video/front/happy/level_1"
        folder.mkdir(parents=True)
        for number, name in enumerate(names, 1):
            shutil.copy(MEDIA / name, folder / f"{number:03d}{Path(name).suffix}")
        return tmp_path

    return put


@pytest.mark.parametrize(
    ("name", "frames", "flash", "sound"),
    [
        ("plain.mp4", 60, 1.0, 1.0),
        ("vfr.mp4", 90, 1.0, 1.0),
        ("screen.mp4", 209, 3.0, 3.0),
        ("late_audio.mp4", 60, 1.0, 1.0),
        ("late_video.mp4", 60, 1.0, 0.4),  # the picture begins 0.6 s late, the beep does not
        ("cut_copy.mp4", 39, 0.3, 0.3),
        ("antiphase.mp4", 60, 1.0, 1.0),
        ("trailer.mp4", 60, 1.0, 1.0),
        ("rec.webm", 60, 1.0, 1.0),
        ("crema.flv", 60, 1.0, 1.0),
    ],
)
def test_flash_and_beep_stand_where_players_have_them(name, frames, flash, sound):
    assert count_frames(MEDIA / name) == frames
    loaded = load_clip(as_clip(MEDIA / name))
    assert len(loaded) == frames
    seen, heard = flash_and_beep(MEDIA / name)
    assert seen == pytest.approx(flash, abs=0.001)
    assert heard == pytest.approx(sound, abs=0.005)
    assert np.abs(loaded.frames[0, 10, 60].astype(int) - (199, 40, 39)).max() <= 3
    at_25 = flash_and_beep(MEDIA / name, fps=25)
    assert at_25 == pytest.approx((flash, sound), abs=0.021)


def test_a_turned_phone_clip_stands_upright():
    info = video_info(MEDIA / "rotated.mp4")
    assert (info.width, info.height) == (128, 192)
    frame = load_clip(as_clip(MEDIA / "rotated.mp4")).frames[0].astype(int)
    assert np.abs(frame[:, 10] - (199, 40, 39)).max() <= 3  # the bar stands at the left, as ffplay shows it


def test_one_count_for_the_cache_of_a_cut_clip(mead_of):
    root = mead_of("cut_copy.mp4")
    video = scan(root)[0].video
    for rows, fits in ((39, True), (45, False)):
        ramp = np.arange(rows, dtype=np.float32)[:, None].repeat(257, 1)
        write_face_cache(video, FaceCache(ramp, 30, "procedural", "a network"))
        for verify in (True, "full"):
            assert (scan(root, verify=verify)[0].face_cache is not None) == fits
        if fits:
            assert load_clip(scan(root)[0]).face.parameters[0, 0] == 0
    with pytest.raises(ClipError, match="45 rows, but 001.mp4 has 39 frames.*edit list.*stored_rows_to_grid"):
        load_clip(scan(root)[0])
    stored_rows_to_grid(video)
    assert np.allclose(
        load_clip(scan(root)[0]).face.parameters[:, 0], np.arange(39) + 6
    )  # 6 hidden at the start


def test_rows_of_an_irregular_clip_go_by_time(mead_of):
    root = mead_of("vfr.mp4")
    video = scan(root)[0].video
    ramp = np.arange(60, dtype=np.float32)[:, None].repeat(257, 1)
    write_face_cache(video, FaceCache(ramp, 30, "procedural", "a network"))
    with pytest.raises(
        ClipError, match="60 rows, but 001.mp4 has 90 frames.*irregular times.*stored_rows_to_grid"
    ):
        load_clip(scan(root)[0])
    stored_rows_to_grid(video)
    cache = read_face_cache(video)
    assert cache.fps == 45
    times = np.concatenate([np.arange(15) / 15, 1 + np.arange(45) / 45])
    assert np.allclose(cache.parameters[:, 0], np.interp(np.arange(90) / 45, times, np.arange(60)), atol=0.01)


def test_sound_that_changes_its_rate_is_read():
    sound = read_audio(MEDIA / "rate_change.mp3")
    assert len(sound) / 16000 == pytest.approx(2.08, abs=0.03)
    level = [np.abs(sound[at : at + 1600]).max() for at in range(0, 32000, 1600)]
    assert min(level) > 0.11


def test_what_cannot_be_read_is_said_and_the_others_go_on(mead_of):
    root = mead_of("plain.mp4", "size_change.mp4", "hlg.mp4", "rotated.mp4", "crema.flv", "rec.webm")
    index = scan(root)
    assert len(index) == 6
    problems = []
    read = [loaded.clip.number for loaded in iterate_clips(index, problems, size=32)]
    assert read == [1, 4, 5, 6]
    said = {problem.path.name: problem.reason for problem in problems}
    assert "128x96 to 192x128 px at 0.50 s" in said["002.mp4"]
    assert "HLG" in said["003.mp4"] and "dnt data convert" in said["003.mp4"] and "ffmpeg" in said["003.mp4"]
    for verify in (True, "full"):
        index = scan(root, verify=verify)
        assert [clip.number for clip in index] == [1, 4, 5, 6]
        assert {(p.path.name, p.kind) for p in index.problems if p.left_out} == {
            ("002.mp4", "changing size"),
            ("003.mp4", "HDR"),
        }


def test_one_line_per_clip_on_what_reading_had_to_do(mead_of):
    names = ("plain.mp4", "rotated.mp4", "vfr.mp4", "late_audio.mp4", "antiphase.mp4", "cut_copy.mp4")
    index = scan(mead_of(*names), verify=True)
    lines = {p.path.name: p.reason for p in index.problems if p.kind == "adapted"}
    assert sorted(lines) == ["002.mp4", "003.mp4", "004.mp4", "005.mp4", "006.mp4"]
    for name, words in (
        ("002.mp4", "turned by 270 degrees clockwise"),
        ("003.mp4", "resampled in time: 60 frames"),
        ("004.mp4", "offset: sound begins 0.58 s after the picture"),
        ("005.mp4", "cancel each other"),
        ("006.mp4", "6 of 45 frames hidden by an edit list"),
    ):
        assert words in lines[name]


@pytest.mark.parametrize("folder", ["M003: take 2", "http:", "concat:a|b"])
def test_a_colon_in_a_folder_is_no_protocol(mead_of, monkeypatch, folder):
    monkeypatch.chdir(mead_of("plain.mp4", actor=folder))
    (clip,) = scan(folder, verify=True)
    assert len(load_clip(clip, size=16)) == 60
