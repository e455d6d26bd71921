r"""A clip in which the face is gone for a while: its longest part with a face is shown, with that sound."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dnt_core
from dnt_core.clips import read_audio, read_face_cache, read_video, write_face_cache
from dnt_core.clips.scanner import clip_of_video
from dnt_core.live import LiveError, LiveFace
from dnt_core.live.app import find_faces
from dnt_core.live.default_clip import default_clip
from dnt_core.live.scene import Scene
from dnt_core.talking import SpeakingFace, film_parts
from dnt_core.training.preprocessing import DataConfig, prepare_clip

WEIGHTS = Path(__file__).parents[2] / "weights" / "generator_M003_128.safetensors"
SAID = "me.mp4: frames 5 to 49 of 72 are shown, the longest part with a face in it"


def clip_without(folder, *gaps):
    r"""The shipped clip of 72 frames, no face in frames first to last of each gap."""
    shipped, video = default_clip("M003", 128), folder / "me.mp4"
    shutil.copy(shipped, video)
    cache = read_face_cache(shipped)
    trust = np.ones(len(cache))
    for first, last in gaps:
        trust[first : last + 1] = 0
    write_face_cache(video, replace(cache, confidence=trust))
    return video


@pytest.fixture
def clip(tmp_path):
    return clip_without(tmp_path, (0, 4), (20, 21), (50, 60))


def test_the_longest_part_with_a_face_is_shown(clip):
    scene = Scene(clip, 128)
    assert (scene.part, len(scene), scene.note) == (slice(5, 50), 45, SAID)
    np.testing.assert_array_equal(scene.frames, read_video(clip).frames[5:50])
    np.testing.assert_array_equal(scene.seen.to_vector("storage"), read_face_cache(clip).parameters[5:50])
    sound, rate = scene.audio
    first, last = (round(k * rate / scene.fps) for k in (5, 50))
    np.testing.assert_array_equal(sound, read_audio(clip, rate)[first:last])


def test_a_whole_clip_is_shown_whole(tmp_path):
    whole = Scene(clip_without(tmp_path, (30, 32)), 128)  # a tenth of a second is let through
    assert (len(whole), whole.note) == (72, "")
    with pytest.raises(LiveError, match="none of 72 frames shows a face"):
        Scene(clip_without(tmp_path, (0, 71)), 128)


def test_of_a_clip_of_minutes_as_much_is_used_as_memory_holds(clip, tmp_path, monkeypatch):
    """Five minutes at 256 px ended in a sentence on sizes and parts, which no command takes."""
    monkeypatch.setattr("dnt_core.clips.clip_reading.MEMORY_LIMIT", 3 * 128 * 128 * 60 + 100)
    scene = Scene(clip, 128)
    fps = scene.fps
    assert (scene.part, len(scene)) == (slice(5, 50), 45)
    first, whole = (f"{frames / fps:.0f} s" for frames in (60, 72))
    said = f"me.mp4: its first {first} are used; all {whole} at 128 px would take too much memory."
    assert scene.note == f"{said} {SAID.replace('72', '60')}"
    monkeypatch.setattr("dnt_core.clips.clip_reading.MEMORY_LIMIT", 3 * 128 * 128 * 72)
    assert Scene(clip, 128).note == SAID


def test_the_live_face_and_the_talking_face_keep_to_it_and_say_so(clip, tmp_path, monkeypatch):
    face = LiveFace(WEIGHTS, clip, runtime="torch")
    assert face.n_frames == 45 and face("happy", 1.0, 44).shape == (128, 128, 3)
    with pytest.raises(LiveError, match="frames 0 to 44"):
        face("happy", 1.0, 45)
    lines = []
    find_faces(WEIGHTS, clip, lines.append)
    assert lines == [SAID]
    speaking = SpeakingFace(WEIGHTS, clip)
    assert set(speaking.order) == set(range(45)) and speaking.note == SAID
    monkeypatch.setattr(film_parts, "runs_folder", lambda: tmp_path / "runs")
    sound = np.sin(np.arange(4000) / 9).astype(np.float32) / 3
    dnt_core.talk((sound, 16_000), out=tmp_path / "t.mp4", clip=clip, weights=WEIGHTS, tell=lines.append)
    assert lines == [SAID, SAID]


def test_a_model_on_a_clip_leaves_frames_without_a_face_as_filmed(clip, tmp_path):
    r"""A face was drawn into pictures that show none."""
    model, film = dnt_core.load("M003", 128, "cpu"), read_video(clip).frames
    made = model(clip, "happy", 1.0)
    changed = (made != film).any((1, 2, 3))
    np.testing.assert_array_equal(np.flatnonzero(~changed), [*range(5), *range(50, 61)])
    face = read_face_cache(clip)
    np.testing.assert_array_equal(model(film[48:53], "happy", 1.0, face=face[48:53]), made[48:53])
    assert (model(film[50:51], "happy", 1.0, face=face[50:51].face_parameters()) != film[50]).any()
    with pytest.raises(ValueError, match="none of 2 frames shows a face"):
        model(film[50:52], "happy", 1.0, face=face[50:52])
    video = moved(tmp_path, 254, 9, slice(40, None))
    assert [(a != b).any() for a, b in zip(model(video, "sad", 1.0)[39:41], film[39:41], strict=True)] == [
        True, False,
    ]  # fmt: skip


def test_a_page_says_what_is_left_out_and_the_clips_own_words(clip):
    from dnt_core.live.static_page.face_file import page_face

    face = page_face(WEIGHTS, clip, "What Ann says.", views=False)
    assert face.note == SAID and face.header["n_frames"] == 45
    assert face.header["captions"] == "What Ann says." and LiveFace(WEIGHTS, clip).captions == ""
    assert LiveFace(WEIGHTS).captions == "Bob thinks the movie was fun."


def moved(folder, column, by, frames=slice(None)):
    r"""The shipped clip with one number of the pose changed, as in a track that lost the face."""
    video = clip_without(folder)
    cache = read_face_cache(video)
    rows = cache.parameters.copy()
    rows[frames, column] += by
    write_face_cache(video, replace(cache, parameters=rows, confidence=None))
    return video


@pytest.mark.parametrize(("column", "by", "why"), [(254, 9, "outside the picture"), (256, 20, "behind the")])
def test_frames_whose_face_no_camera_sees_are_frames_without_one(column, by, why, tmp_path):
    r"""A face behind the camera was drawn; one outside the picture ended in a RuntimeError of torch."""
    with pytest.raises(LiveError, match=f"none of 72 frames shows a face: the face lies {why}.*72 of 72"):
        Scene(moved(tmp_path, column, by), 128)
    video = moved(tmp_path, column, by, slice(40, None))
    scene = Scene(video, 128)
    assert scene.part == slice(0, 40) and "frames 0 to 39 of 72 are shown" in scene.note
    bridged = SpeakingFace(WEIGHTS, moved(tmp_path, column, by, slice(40, 42)))
    assert set(bridged.order) <= set(range(72)) and bridged.note == ""
    drawn = LiveFace(WEIGHTS, tmp_path / "me.mp4", runtime="torch")("happy", 1.0, 40)
    assert drawn.shape == (128, 128, 3)


def test_a_crop_that_is_no_part_of_the_picture_is_said(tmp_path):
    r"""A huge crop asked for terabytes."""
    video = clip_without(tmp_path)
    cache = read_face_cache(video)
    for crop in ((0, 400, 128, 128), (-(10**6), -(10**6), 2 * 10**6, 2 * 10**6)):
        write_face_cache(video, replace(cache, crop=crop))
        with pytest.raises(LiveError, match="lies outside the 128x128 px|is more than 20 times as large"):
            Scene(video, 128)
    write_face_cache(video, replace(cache, crop=(-40, -40, 208, 208)))
    assert len(Scene(video, 128)) == 72


def test_a_wide_film_whose_cache_names_no_square_is_said(tmp_path):
    r"""It was squeezed into a square, and the face was drawn beside the head."""
    shipped = default_clip("M003", 128)
    video = read_video(shipped)
    dnt_core.write_video(
        tmp_path / "me.mp4", np.pad(video.frames, ((0, 0), (0, 0), (50, 50), (0, 0))), video.fps
    )
    write_face_cache(tmp_path / "me.mp4", replace(read_face_cache(shipped), image_size=None, landmarks=None))
    said = "sees a square, but it names none of the picture's 228x128 px"
    with pytest.raises(LiveError, match=said):
        Scene(tmp_path / "me.mp4", 128)
    with pytest.raises(ValueError, match=said):
        dnt_core.load("M003", 128, "cpu")(tmp_path / "me.mp4", "happy", 1.0)
    with pytest.raises(ValueError, match=said):
        prepare_clip(clip_of_video(tmp_path / "me.mp4"), DataConfig(image_size=64))
