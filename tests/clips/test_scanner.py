import os

import numpy as np
import pytest

from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.clip import CELLS
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.face_cache import FaceCache, write_face_cache
from dnt_core.clips.scanner import clip_of_video, scan


def kinds(index):
    return sorted((p.kind, p.left_out, p.path.relative_to(index.root).as_posix()) for p in index.problems)


def test_regular_folder(mead):
    for expression, level in CELLS:
        mead.video(f"M003/video/front/{expression}/level_{level}", 1, 2)
        mead.sound(f"M003/audio/{expression}/level_{level}", 1, 2)
    index = scan(mead.root)
    assert len(index) == 44
    assert index.problems == ()
    assert index.missing_cells() == []
    clip = index[0]
    assert clip.name == "M003/front/angry/level_1/001"
    assert clip.audio == mead.root / "M003/audio/angry/level_1/001.m4a"
    assert clip.face_cache is None
    assert [c.expression for c in index][::2][::3] == list(EXPRESSIONS)
    assert "44 clips of 1 actor" in index.summary()
    assert "no problems" in index.summary()


@pytest.mark.parametrize(
    "place",
    [
        "M003/video/front/{}",
        "M003/front/{}",
        "M003/1/front/{}",
        "M003/2/front/{}",
        "M003/video/front/front/{}",
        "M003/video/front/clips 720p/{}",
        "deep/er/M003/video/front/{}",
        "M003/video/Front/{}",
    ],
)
def test_irregular_places(mead, place):
    path = mead.video(place.format("happy") + "/level_2", 7, name="talking.mp4")
    mead.sound("M003/audio/extra/happy/level_2", 7)
    (clip,) = scan(mead.root)
    assert clip.name == "M003/front/happy/level_2/007"
    assert clip.video == path
    assert clip.audio.name == "007.m4a"
    assert clip_of_video(path) == clip or "deep" in place  # its sound is in another folder of the actor's
    for inner in path.parents[:4]:  # any part of the folder will do
        (again,) = scan(inner)
        assert (again.actor, again.view, again.level) == ("M003", "front", 2)


def test_one_video_is_labelled_as_a_scan_labels_it(mead):
    mead.video("M003/video/front/happy/level_2", 7)
    mead.video("anna-maria b./Front/Happy/Level 2", 6, 7)
    mead.sound("anna-maria b./audio/happy/level-2", 6, 7)
    mead.sound("M003/audio/happy/level_2", 7)
    for clip in scan(mead.root):
        assert clip_of_video(clip.video) == clip and clip.audio is not None
    elsewhere = mead.video("anna/happy/level_2")
    assert clip_of_video(elsewhere).name == "001/front/neutral/level_1/001"


def test_actors_of_other_names(mead):
    mead.video("anna/video/left_30/sad/level_1")
    mead.video("boris/top/neutral/level_1")
    mead.sound("anna/audio/sad/level_1")
    index = scan(mead.root)
    assert index.actors == ("anna", "boris")
    assert index.views == ("left_30", "top")
    assert index[0].audio is not None


def test_labels(mead):
    for level in (1, 2, 3):
        mead.video(f"M003/video/front/fear/level_{level}")
    mead.video("M003/video/front/neutral/level_1")
    *fear, neutral = scan(mead.root)
    assert [clip.intensity for clip in fear] == [0.33, 0.67, 1.0]
    assert neutral.intensity == 0
    assert not neutral.ciec.any()
    assert np.allclose(fear[1].ciec, [0, 0, 0, 0.67, 0, 0, 0])
    assert (fear[0].type_index, neutral.type_index) == (3, 7)


def test_every_irregularity_in_one_summary_and_the_rest_used(mead):
    good = mead.video("M003/video/front/happy/level_1", 1, 2, 3, 4)
    mead.sound("M003/audio/happy/level_1", 1, 2, 3, 9)  # 4 has none, 9 has no video
    data = good.read_bytes()
    (good.parent / "005.mp4").write_bytes(data[: len(data) * 2 // 3])
    (good.parent / "006.mp4").write_bytes(b"")
    (good.parent / "take7.mp4").write_bytes(data)
    (good.parent / "._001.mp4").write_bytes(b"a macOS shadow")
    (good.parent / "notes.txt").write_text("not a clip")
    mead.video("M003/video/front/happyy/level_1")
    mead.video("M003/video/front/happy/level_4")
    mead.video("M003/video/front/neutral/level_2")
    mead.video("M003/video/happy/level_3")
    mead.video("M003/2/front/happy/level_1", 1)
    half = mead.sound("M003/audio/happy/level_1", 2)
    half.write_bytes(half.read_bytes()[:1500])
    index = scan(mead.root)
    assert [clip.number for clip in index] == [1, 2, 3, 4]
    assert [clip.audio is not None for clip in index] == [True, False, True, False]
    assert kinds(index) == [
        ("empty", True, "M003/video/front/happy/level_1/006.mp4"),
        ("no clip number", True, "M003/video/front/happy/level_1/take7.mp4"),
        ("no sound file", False, "M003/video/front/happy/level_1/004.mp4"),
        ("second file", True, "M003/video/front/happy/level_1/001.mp4"),
        ("sound without video", False, "M003/audio/happy/level_1/009.m4a"),
        ("truncated", False, "M003/audio/happy/level_1/002.m4a"),
        ("truncated", True, "M003/video/front/happy/level_1/005.mp4"),
        ("unknown emotion", True, "M003/video/front/happyy/level_1/001.mp4"),
        ("unknown level", True, "M003/video/front/happy/level_4/001.mp4"),
        ("unknown level", True, "M003/video/front/neutral/level_2/001.mp4"),
        ("unknown view", True, "M003/video/happy/level_3/001.mp4"),
    ]
    text = index.summary()
    for _, _, path in kinds(index):
        assert path in text
    for words in (
        "folder 'happyy', expected one of angry",
        "neutral has level_1 only, got level_2",
        "it ends inside its 'mdat' box",
        "truncated: 1 file (left out)",
        "no sound file: 1 file (used all the same)",
        "missing cells: 21 of 22",
        "M003 front: level of angry 1, 2, 3;",
        "happy 2, 3;",
    ):
        assert words in text


def test_missing_cells_and_views(mead):
    for expression, level in CELLS:
        mead.video(f"M003/video/front/{expression}/level_{level}")
        mead.video(f"M003/video/top/{expression}/level_{level}")
        if (expression, level) != ("sad", 3):
            mead.video(f"W009/video/front/{expression}/level_{level}")
    index = scan(mead.root)
    missing = index.missing_cells()
    assert len(missing) == 23
    assert ("W009", "front", "sad", 3) in missing
    assert {cell[:2] for cell in missing} == {("W009", "front"), ("W009", "top")}
    assert "W009 top: the whole view" in index.summary()
    assert "W009 front: level of sad 3" in index.summary()


def test_filter_and_table(mead):
    for actor in ("M003", "W009"):
        for expression, level in CELLS:
            mead.video(f"{actor}/video/front/{expression}/level_{level}", 1, 2)
    index = scan(mead.root)
    assert len(index.filter(actor="W009")) == 44
    assert len(index.filter(expression=["happy", "sad"], level=3)) == 8
    assert len(index.filter("M003", "front", "neutral", 1)) == 2
    assert len(index.filter(view="top")) == 0
    assert len(index[:3]) == 3
    assert index[:3].clips == tuple(index)[:3]
    for wrong, words in (
        ({"actor": "M004"}, "no actor 'M004'; expected one of M003, W009"),
        ({"expression": ["happy", "joy"]}, "no expression 'joy'; expected one of angry"),
        ({"level": 4}, "no level 4; expected one of 1, 2, 3"),
        ({"view": "back"}, "no view 'back'"),
    ):
        with pytest.raises(ValueError, match=words):
            index.filter(**wrong)
    table = index.to_frame()
    assert len(table) == 88
    assert table.groupby(["actor", "expression"]).size().loc[("W009", "neutral")] == 2
    assert table.loc[0, "video"] == "M003/video/front/angry/level_1/001.mp4"
    assert table.name.is_unique


def test_wrong_folders_are_named(tmp_path):
    with pytest.raises(ClipError, match="nowhere is not a folder"):
        scan(tmp_path / "nowhere")
    with pytest.raises(ClipError, match="has no level_<n> folder"):
        scan(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_are_followed_and_cycles_end(mead, tmp_path):
    mead.video("M003/video/front/happy/level_1")
    (mead.root / "M003/video/front/loop").symlink_to(mead.root)
    other = tmp_path / "other"
    other.mkdir()
    (other / "M003").symlink_to(mead.root / "M003")
    assert len(scan(mead.root)) == 1
    assert len(scan(other)) == 1


def test_verify_tries_everything(mead, make_frames):
    path = mead.video("M003/video/front/happy/level_1", 1, 2, 3, 4, 5)
    mead.sound("M003/audio/happy/level_1", 2, 3, 4, 5)
    data = path.read_bytes()
    (path.parent / "003.mp4").write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    zeroed = mead.root / "M003/audio/happy/level_1/004.m4a"
    sound = zeroed.read_bytes()
    zeroed.write_bytes(sound[: len(sound) // 2] + b"\xff" * (len(sound) - len(sound) // 2))
    write_face_cache(path.parent / "002.mp4", FaceCache(np.zeros((12, 257)), 30, "procedural", "actor"))
    write_face_cache(path.parent / "005.mp4", FaceCache(np.zeros((11, 257)), 30, "procedural", "actor"))
    assert len(scan(mead.root)) == 5  # names and headers look fine
    for verify in (True, "full"):
        index = scan(mead.root, verify=verify)
        assert [clip.number for clip in index] == [1, 2, 4, 5]
        assert kinds(index) == [
            ("bad cache", False, "M003/video/front/happy/level_1/005.face3d.npz"),
            ("damaged", False, "M003/audio/happy/level_1/004.m4a"),
            ("damaged", True, "M003/video/front/happy/level_1/003.mp4"),
            ("no sound", False, "M003/video/front/happy/level_1/001.mp4"),
        ]
        assert [clip.face_cache is not None for clip in index] == [False, True, False, False]
        assert [clip.audio is not None for clip in index] == [False, True, False, True]
        assert "has 11 rows for a video of 12 frames" in index.summary()


def test_a_damaged_sound_is_not_said_to_be_missing(mead):
    video = mead.video("M003/video/front/happy/level_1", 1)
    sound = mead.sound("M003/audio/happy/level_1", 1)
    sound.write_bytes(sound.read_bytes()[:-200])
    index = scan(mead.root, verify=True)
    assert index[0].audio is None and index[0].bad_audio.startswith(f"{sound}: ")
    said = [problem.reason for problem in index.problems if problem.path == video]
    assert said == [f"no sound: its file is damaged: {index[0].bad_audio}"]


def test_levels_between_the_filmed_ones(mead):
    mead.video("M003/video/front/happy/level_1.5", 1)
    mead.video("M003/video/front/neutral/level_0.5", 1)
    mead.video("M003/video/front/sad/level_3.5", 1)
    index = scan(mead.root)
    assert [(clip.level, clip.intensity) for clip in index] == [(1.5, 0.5)]
    assert index.filter(level=1.5).clips == index.clips
    unknown = [p.path.parent.parent.name for p in index.problems if p.kind == "unknown level"]
    assert sorted(unknown) == ["neutral", "sad"]
