r"""Containers, codecs, tracks and time stamps of many kinds: flash and beep stay together at 0.5 s."""

import os
import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from dnt_core.clips import media_reading, packet_pass
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.clip_reading import iterate_parts, load_clip
from dnt_core.clips.media_reading import open_reading
from dnt_core.clips.sound import read_audio, write_audio
from dnt_core.clips.sound_blocks import hear
from dnt_core.clips.video import count_frames, iterate_frames, read_video, video_info, write_video
from dnt_core.talking.sounds import open_sound
from tests.clips.film_maker import (
    HEIGHT,
    MATRICES,
    RED,
    WIDTH,
    as_clip,
    beep,
    encode_sound,
    flash_and_beep,
    make_film,
    picture,
    with_matrix,
)

MJPEG = {"codec": "mjpeg", "pix_fmt": "yuvj420p"}
X265 = {"x265-params": "log-level=none"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}


def remarks(path):
    with open_reading(path, sample_rate=16000) as reading:
        if reading.has_sound:
            reading.sound()
        return "; ".join(reading.remarks)


def decoder_or_skip(*codecs):
    for codec in codecs:
        if codec not in av.codec.codecs_available:
            pytest.skip(f"this FFmpeg has no {codec}")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("h264.mp4", {}),
        ("h264_16k.mp4", {"sample_rate": 16000}),
        ("fragmented.mp4", {"sample_rate": 16000, "options": FRAGMENTS}),
        ("transport.ts", {"sample_rate": 16000}),
        ("mp3.ts", {"sound": "libmp3lame", "codec": "mpeg2video", "base": Fraction(1, 30)}),
        ("flash.flv", {"sample_rate": 44100}),
        ("h265_opus.mkv", {"codec": "libx265", "sound": "libopus", "codec_options": X265}),
        ("vp9_opus.webm", {"codec": "libvpx-vp9", "sound": "libopus", "base": Fraction(1, 1000)}),
        ("vp8_opus.webm", {"codec": "libvpx", "sound": "libopus", "base": Fraction(1, 1000)}),
        ("av1.mkv", {"codec": "libsvtav1", "sound": "flac", "codec_options": {"preset": "12"}}),
        ("mjpeg_pcm.avi", {**MJPEG, "sound": "pcm_s16le", "base": Fraction(1, 30)}),
        ("mpeg4_pcm.avi", {"codec": "mpeg4", "sound": "pcm_s16le", "base": Fraction(1, 30),
                           "codec_options": {"bf": "2"}}),
        ("mjpeg_8k.mov", {**MJPEG, "sound": "pcm_s16be", "sample_rate": 8000}),
        ("ffv1.mkv", {"codec": "ffv1", "sound": "pcm_f32le"}),
        ("phone.3gp", {"sample_rate": 16000}),
        ("apple.m4v", {"container": "ipod"}),
        ("sound_first.mp4", {"sound_first": True}),
        ("stereo.mp4", {"layout": "stereo", "channels": (1.0, 1.0)}),
        ("one_ear.mp4", {"layout": "stereo", "channels": (0.0, 1.0)}),
        ("antiphase.mkv", {"layout": "stereo", "channels": (1.0, -1.0), "sound": "flac"}),
        ("centre.mp4", {"layout": "5.1", "channels": (0, 0, 1.0, 0, 0, 0)}),
        ("behind.mkv", {"layout": "5.1", "channels": (0, 0, 0, 0, 1.0, -1.0), "sound": "pcm_s16le"}),
        ("b_frames.mp4", {"codec_options": {"bf": "3"}}),
        ("ntsc.mkv", {"rate": Fraction(30000, 1001)}),
    ],
)  # fmt: skip
def test_flash_and_beep_in_every_container(tmp_path, name, options):
    decoder_or_skip(options.get("codec", "libx264"), options.get("sound", "aac"))
    path = make_film(tmp_path / name, **options)
    seen, heard = flash_and_beep(path)
    assert seen == pytest.approx(0.5, abs=0.002)
    assert heard == pytest.approx(0.5, abs=0.010)
    rate = options.get("rate", 30)
    assert (video_info(path).fps, count_frames(path)) == (rate, 30)
    assert np.abs(next(iterate_frames(path))[5, 20].astype(int) - RED).max() <= 5


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="no such priorities on this system")
def test_a_film_leaves_the_tests_priority_as_it_was(tmp_path):
    decoder_or_skip("libsvtav1")
    make_film(
        tmp_path / "av1.mkv", codec="libsvtav1", sound=None, seconds=0.1, codec_options={"preset": "12"}
    )
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


@pytest.mark.parametrize("turn", MATRICES)
def test_every_right_angle_and_mirror(tmp_path, turn):
    path = with_matrix(make_film(tmp_path / "a.mp4", sound=None, seconds=0.1), MATRICES[turn])
    stored = read_video(make_film(tmp_path / "b.mp4", sound=None, seconds=0.1)).frames[0]
    shown = {
        "plain": stored,
        "clockwise": np.rot90(stored, -1),
        "half": np.rot90(stored, 2),
        "anticlockwise": np.rot90(stored, 1),
        "left to right": stored[:, ::-1],
        "top to bottom": stored[::-1],
        "transposed": stored.transpose(1, 0, 2),
        "transposed the other way": np.rot90(stored, 2).transpose(1, 0, 2),
    }[turn]
    assert np.array_equal(read_video(path).frames[0], shown)
    info = video_info(path)
    assert (info.height, info.width) == shown.shape[:2]
    loaded = load_clip(as_clip(path), crop=(4, 8, 20, 24))
    assert np.array_equal(loaded.frames[0], shown[4:24, 8:32])
    small = read_video(path, size=(24, 40)).frames[0]
    assert small.shape == (24, 40, 3)
    assert bool(remarks(path)) == (turn != "plain")


def test_a_turn_between_right_angles(tmp_path):
    c, s = round(65536 * np.cos(0.5)), round(65536 * np.sin(0.5))
    path = with_matrix(
        make_film(tmp_path / "a.mp4", sound=None, seconds=0.1), (c, s, 0, -s, c, 0, 0, 0, 1 << 30)
    )
    frame = read_video(path).frames[0]
    assert frame.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(frame[8, 60].astype(int) - RED).max() < 12  # the bar sinks to the right: clockwise
    assert not frame[2, 90].any()


@pytest.mark.parametrize(("shape", "width"), [("2/1", 192), ("1/2", 48), ("4/3", 128), ("1000/1", WIDTH)])
def test_pixels_become_square(tmp_path, shape, width):
    path = make_film(tmp_path / "a.mp4", shape=Fraction(shape))
    info = video_info(path)
    assert (info.width, info.height) == (width, HEIGHT)
    assert read_video(path).frames.shape == (30, HEIGHT, width, 3)
    turned = with_matrix(path, MATRICES["clockwise"])
    assert read_video(turned).frames.shape == (30, width, HEIGHT, 3)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize(("picture_late", "sound_late"), [(0.0, 0.3), (0.3, 0.0)])
def test_offsets_are_kept(tmp_path, suffix, picture_late, sound_late):
    path = make_film(tmp_path / f"a.{suffix}", late_video=picture_late, late_sound=sound_late)
    seen, heard = flash_and_beep(path)
    assert seen == pytest.approx(0.5 - picture_late, abs=0.002)
    assert heard == pytest.approx(seen, abs=0.010)
    assert "offset: sound begins" in remarks(path)
    assert len(read_audio(path)) / 16000 == pytest.approx(1 - picture_late, abs=0.07)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_irregular_frames_go_by_their_stamps(tmp_path, suffix):
    slow_then_quick = np.concatenate([np.arange(5) / 10, 0.5 + np.arange(30) / 60])
    path = make_film(tmp_path / f"a.{suffix}", times=slow_then_quick)
    assert flash_and_beep(path) == pytest.approx((0.5, 0.5), abs=0.010)
    assert video_info(path).fps == 60
    assert count_frames(path) == len(read_video(path).frames) == 60
    assert "resampled in time: 35 frames" in remarks(path)


def test_a_gap_is_held_and_jitter_is_not_in_the_way(tmp_path):
    recorder = np.concatenate([[0.0], 0.4 + np.arange(15) / 30])
    path = make_film(tmp_path / "a.mp4", times=recorder)
    assert flash_and_beep(path) == pytest.approx((0.5, 0.5), abs=0.010)
    frames = read_video(path).frames
    assert np.abs(frames[1].astype(int) - frames[11]).max() <= 2
    jitter = np.arange(30) / 30 + np.random.default_rng(0).uniform(-0.006, 0.006, 30)
    path = make_film(tmp_path / "b.mkv", times=np.maximum(jitter, 0), base=Fraction(1, 1000))
    assert count_frames(path) == 30  # row k is frame k
    assert "moved by up to" in remarks(path)


def test_the_right_track_of_several(tmp_path):
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as file:
        other, film = file.add_stream("mjpeg", rate=30), file.add_stream("mjpeg", rate=30)
        silent, voice = (file.add_stream("pcm_s16le", rate=16000, layout="mono") for _ in range(2))
        for track, size in ((other, (32, 32)), (film, (HEIGHT, WIDTH))):
            track.height, track.width, track.pix_fmt = *size, "yuvj420p"
        for track, default in ((other, 0), (silent, 0), (film, 1), (voice, 1)):
            track.disposition = av.stream.Disposition(default)
        for k in range(30):
            for track, size in ((other, (32, 32)), (film, (HEIGHT, WIDTH))):
                frame = av.VideoFrame.from_ndarray(
                    picture(k / 30, 9 if track is other else 0.5, *size), format="rgb24"
                )
                frame.pts, frame.time_base = k, Fraction(1, 30)
                file.mux(track.encode(frame.reformat(format="yuvj420p")))
        for track, event in ((silent, 9), (voice, 0.5)):
            file.mux(encode_sound(track, beep(1, 16000, event), 16000, "mono"))
    assert flash_and_beep(path) == pytest.approx((0.5, 0.5), abs=0.01)
    assert "video track 2 of 2 taken" in remarks(path) and "sound track 2 of 2 taken" in remarks(path)
    assert hear(path).note == "sound track 2 of 2 taken (another: ffmpeg -i IN -map 0:a:0 OUT.wav)"


def test_a_silent_track_of_several_is_said_with_the_way_to_another(tmp_path):
    """A screen recorder's first track may be the computer's sound, its second one the microphone's."""
    path = tmp_path / "obs.mkv"
    with av.open(str(path), "w") as file:
        tracks = [file.add_stream("pcm_s16le", rate=16000, layout="mono") for _ in range(2)]
        for track, loud in zip(tracks, (0, 1), strict=True):
            file.mux(encode_sound(track, loud * beep(1, 16000, 0.5), 16000, "mono"))
    with pytest.raises(
        ValueError, match=r"is silent.*; sound track 1 of 2 taken \(another: .* 0:a:1 OUT.wav"
    ):
        open_sound(path)


def test_a_cover_is_no_film(tmp_path):
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w", format="mp4") as file:
        cover = file.add_stream("mjpeg", rate=1)
        cover.height, cover.width, cover.pix_fmt = 32, 32, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        song = file.add_stream("aac", rate=16000, layout="mono")
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24").reformat(
            format="yuvj420p"
        )
        frame.pts, frame.time_base = 0, Fraction(1, 1)
        file.mux(cover.encode(frame))
        file.mux(encode_sound(song, beep(1, 16000), 16000, "mono"))
    with pytest.raises(ClipError, match="no video track"):
        read_video(path)
    assert np.argmax(np.abs(read_audio(path)) > 0.15) / 16000 == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize("suffix", ["mkv", "webm", "ts", "flv", "avi", "mp4"])
@pytest.mark.parametrize("share", [0.4, 0.8])
def test_a_file_that_ends_early_is_said(tmp_path, suffix, share):
    kinds = {"webm": {"codec": "libvpx", "sound": "libopus", "base": Fraction(1, 1000)},
             "avi": {**MJPEG, "sound": "pcm_s16le"}, "mp4": {"options": FRAGMENTS}}  # fmt: skip
    data = make_film(tmp_path / f"whole.{suffix}", **kinds.get(suffix, {})).read_bytes()
    path = tmp_path / f"half.{suffix}"
    path.write_bytes(data[: int(len(data) * share) | 1])
    with pytest.raises(ClipError, match=f"half.{suffix} cannot be read: truncated"):
        read_video(path)


def test_a_browsers_recording_may_claim_more_than_it_holds(tmp_path):
    r"""Pages write the time between two clicks into it, pauses and all: it was called truncated."""
    path = make_film(tmp_path / "rec.webm", codec="libvpx", sound="libopus", base=Fraction(1, 1000))
    whole = len(read_video(path))
    data = bytearray(path.read_bytes())
    at = data.index(b"\x44\x89\x88") + 3  # Duration, a number of eight bytes, in ms
    (said,) = struct.unpack_from(">d", data, at)
    struct.pack_into(">d", data, at, said + 2500)
    path.write_bytes(data)
    assert len(read_video(path)) == whole


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize(
    "trailer", [b"\0" * 112, b"GPMF" * 20, b"\x00\x00\x00\x70uuid", b"x", bytes(range(200))]
)
def test_what_follows_a_whole_file_is_nobodys_business(tmp_path, suffix, trailer):
    path = make_film(tmp_path / f"a.{suffix}")
    path.write_bytes(path.read_bytes() + trailer)
    assert len(read_video(path).frames) == 30


def test_sound_keeps_its_upper_octave_and_gains_no_alias(tmp_path):
    t = np.arange(44100) / 44100
    for hertz, low, high in ((7000, -0.1, 0.1), (7500, -1.0, 0.1), (8500, -200, -60)):
        wav = write_audio(tmp_path / "a.wav", (0.5 * np.sin(2 * np.pi * hertz * t)).astype(np.float32), 44100)
        inner = read_audio(wav)[2000:14000]
        level = 20 * np.log10(np.sqrt(2 * np.mean(inner**2)) / 0.5 + 1e-12)
        assert low < level < high


def test_a_container_is_opened_once_and_sound_only_where_it_is_asked_for(tmp_path, monkeypatch):
    path = make_film(tmp_path / "a.mp4")
    opened, decoded, real_open = [], [], av.open
    monkeypatch.setattr(av, "open", lambda *args, **more: opened.append(args) or real_open(*args, **more))
    monkeypatch.setattr(media_reading.SoundTrack, "add", lambda self, frame: decoded.append(frame))
    loaded = load_clip(as_clip(path), sound=False)
    assert not loaded.camera_fits and loaded.audio is None
    assert (len(opened), len(decoded)) == (1, 0)


def test_parts_put_together_are_the_whole(tmp_path, monkeypatch):
    path = make_film(tmp_path / "a.mp4", codec_options={"bf": "2"})
    whole = load_clip(as_clip(path), fps=25)
    for kept in (packet_pass.KEPT, 100):  # bytes: also as a file too long to keep is read
        monkeypatch.setattr(packet_pass, "KEPT", kept)
        parts = list(iterate_parts(as_clip(path), 7, fps=25))
        assert [len(part) for part in parts] == [7, 7, 7, 4]
        assert np.array_equal(np.concatenate([part.frames for part in parts]), whole.frames)
        assert np.array_equal(np.concatenate([part.audio for part in parts]), whole.audio)


def test_only_files_are_opened(tmp_path):
    path = tmp_path / "001.mp4"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(ClipError, match="001.mp4 cannot be read"):
        read_video(path)


def test_a_separate_sound_shares_the_films_clock(tmp_path):
    film = make_film(tmp_path / "a.mp4", late_video=0.3)
    sound = write_audio(tmp_path / "a.m4a", beep(1, 16000)[0])
    clip = as_clip(film)
    loaded = load_clip(type(clip)(**{**clip.__dict__, "audio": sound}))
    loud = np.abs(loaded.audio)
    assert np.argmax(loud > 0.15) / 16000 == pytest.approx(0.2, abs=0.005)
    plain = write_video(tmp_path / "b.mp4", [picture(k / 30) for k in range(30)], 30, mark=False)
    loaded = load_clip(type(clip)(**{**clip.__dict__, "video": plain, "audio": sound}))
    assert np.argmax(np.abs(loaded.audio) > 0.15) / 16000 == pytest.approx(0.5, abs=0.005)
