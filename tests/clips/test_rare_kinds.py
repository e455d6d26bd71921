r"""What is rare and yet somebody's: sound in odd channels, streams without times, frames stored as repeats,
transparency, damaged packets of sound."""

import struct
import tracemalloc
import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.container_ends import why_broken
from dnt_core.clips.frame_clock import FrameClock
from dnt_core.clips.media_reading import open_reading
from dnt_core.clips.sound import read_audio
from dnt_core.clips.sound_blocks import hear
from dnt_core.clips.timeline import regular_timeline, timeline
from dnt_core.clips.video import read_video, video_info
from tests.clips.film_maker import EVENT, beep, flash_and_beep, make_film, picture

ASIDE = "its sound is in channels that a mix to stereo leaves out"


@pytest.mark.parametrize(
    ("step", "count", "rates"),
    [
        (Fraction(1, 30), 60, [30, 30]),
        (Fraction(1001, 30000), 400, [Fraction(30000, 1001), Fraction(30, 1)]),
        (Fraction(1, 25), 2, [25, 50]),
        (Fraction(1, 25), 9, [None, 25]),
    ],
)
@pytest.mark.parametrize("last", [0.0, 0.04, 0.5])
def test_even_frames_are_placed_at_once_as_any_others_are(step, count, rates, last):
    at_once = regular_timeline(step, count, last, rates)
    fitted = timeline([float(k * step) for k in range(count)], last, rates)
    assert at_once.moved == 0 and fitted.moved < 1e-12 and replace(fitted, moved=0.0) == at_once
    assert regular_timeline(step, count, last, [Fraction(24), *rates]) is None


@pytest.mark.parametrize("early", [0.0001, 0.0005, 0.001, 0.0019, 0.005])
def test_a_last_frame_that_ends_early_changes_no_rate(early):
    """MEAD's clips say 65521/2184 frames per second in the mean; others became 30.007 or 30.05."""
    for rate in (Fraction(30), Fraction(25), Fraction(60)):
        for count in (30, 124):
            mean = count / (count / rate - Fraction(early))
            grid = timeline([float(k / rate) for k in range(count)], 0.02, [mean, rate])
            assert (grid.fps, grid.n_frames, grid.one_to_one) == (rate, count, True)
            assert regular_timeline(1 / rate, count, 0.02, [mean, rate]).fps == rate
    odd = Fraction(27)  # which no camera has, but this film does
    assert timeline([float(k / odd) for k in range(90)], 0.02, [odd, Fraction(30)]).fps == odd


def test_a_stamp_a_year_away_is_refused_at_once():
    clock = FrameClock("flv")
    for pts in (0, 1, 2, 4 * 10**12):
        clock.note(SimpleNamespace(is_discard=False, pts=pts, dts=pts, duration=1))
    tracemalloc.start()
    with pytest.raises(ValueError, match="its time stamps leap from"):
        clock.begin(SimpleNamespace(pts=0), Fraction(1, 1000), [Fraction(1000)])
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def remarks(path):
    with open_reading(path, video=False, sample_rate=16000) as reading:
        if reading.has_sound:
            reading.sound()
        return "; ".join(reading.remarks)


@pytest.mark.parametrize(
    ("layout", "channel", "aside"),
    [
        ("2.1", 2, True),  # the bass channel, which FFmpeg and players leave out of a mix
        ("5.1", 3, True),
        ("5.1", 2, False),
        ("7.1", 7, False),
        ("octagonal", 7, False),
        ("hexadecagonal", 11, True),
    ],
)
def test_a_voice_in_any_channel_is_heard(tmp_path, layout, channel, aside):
    count = av.AudioLayout(layout).nb_channels
    samples = np.zeros((count, 48000), np.float32)
    samples[channel] = beep(1, 48000)
    codec, suffix = ("flac", "mkv") if count <= 8 else ("pcm_s16le", "mov")
    path = tmp_path / f"a.{suffix}"
    with av.open(str(path), "w") as file:
        track = file.add_stream(codec, rate=48000, layout=layout)
        # PyAV 18 fails at planes from eight channels on, so the samples lie side by side
        packed = np.ascontiguousarray((32767 * samples.T).astype(np.int16)).reshape(1, -1)
        for at in range(0, 48000, 4000):
            block = np.ascontiguousarray(packed[:, at * count : (at + 4000) * count])
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = 48000, at, Fraction(1, 48000)
            file.mux(track.encode(frame))
        file.mux(track.encode(None))
    heard = hear(path)
    for loud in (np.abs(read_audio(path)), np.abs(np.concatenate(list(heard.blocks())))):
        assert loud.max() > 0.03
        rate = len(loud) / heard.seconds
        assert np.argmax(loud > 0.3 * loud.max()) / rate == pytest.approx(EVENT, abs=0.005)
    assert (ASIDE in remarks(path)) == aside


def test_bass_beside_a_voice_stays_out_of_the_mix(tmp_path):
    path = make_film(tmp_path / "a.mkv", layout="5.1", channels=(0.02, 0.02, 0.02, 1.0, 0, 0), sound="flac")
    alone = make_film(tmp_path / "b.mkv", layout="5.1", channels=(0.02, 0.02, 0.02, 0, 0, 0), sound="flac")
    assert np.abs(read_audio(path) - read_audio(alone)).max() < 1e-3 and ASIDE not in remarks(path)


@pytest.mark.parametrize("channels", [3, 8, 16])
def test_channels_without_a_place(tmp_path, channels):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:  # as multi-track recorders write them
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(16000)
        samples = np.zeros((16000, channels))
        samples[:, channels - 2] = beep(1, 16000)[0]
        file.writeframes((32767 * samples).astype("<i2").tobytes())
    loud = np.abs(read_audio(tmp_path / "a.wav"))
    assert loud.max() == pytest.approx(0.5 / channels, rel=0.02)
    assert np.argmax(loud > 0.1 / channels) / 16000 == pytest.approx(EVENT, abs=0.005)


@pytest.mark.parametrize("byte", [b"\xa0", b"\xff", b"\x00"])
def test_a_few_damaged_packets_of_sound_cost_no_clip(tmp_path, byte):
    # FFmpeg's answers to them are "not permitted", "undefined" and "invalid data"
    path = make_film(tmp_path / "a.mp4")
    with av.open(str(path)) as file:
        places = [(p.pos, p.size) for p in file.demux(audio=0) if p.size][10:12]
    data = bytearray(path.read_bytes())
    for at, size in places:
        data[at : at + size] = byte * size
    path.write_bytes(data)
    assert flash_and_beep(path) == pytest.approx((0.5, 0.5), abs=0.01)
    assert "damaged packets passed over: 2" in remarks(path)
    hear(path)


@pytest.mark.parametrize(
    ("suffix", "codec", "rate"), [("h264", "libx264", 30), ("h265", "libx265", 30), ("mjpeg", "mjpeg", 25)]
)
def test_a_bare_stream_goes_by_its_own_header(tmp_path, suffix, codec, rate):
    quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = make_film(
        tmp_path / f"a.{suffix}", codec=codec, pix_fmt=pix_fmt, sound=None, codec_options=quiet,
        base=Fraction(1, 30),
    )  # fmt: skip
    info = video_info(path)
    assert (info.fps, info.n_frames) == (rate, 30)  # of mjpeg nobody knows
    assert f"it stores no times of its frames: taken as regular, at {rate} fps" in remarks(path)
    bright = read_video(path).frames[:, 32, 48].mean(-1)
    assert list(np.flatnonzero(bright > 200)) == [15, 16, 17]


def test_frames_that_theora_stores_as_repeats():
    path = Path(__file__).parent / "media" / "theora_repeats.ogv"
    with av.open(str(path)) as file:
        empty = [packet.pts for packet in file.demux(video=0) if not packet.size and packet.pts is not None]
    assert len(empty) > 30
    video = read_video(path)
    assert video.fps == 30 and len(video) == 49
    bright = video.frames[:, 32, 48].mean(-1)
    assert list(np.flatnonzero(bright > 200)) == [30, 31, 32] and not remarks(path)


@pytest.mark.parametrize("opacity", [255, 128])
def test_transparency_is_said(tmp_path, opacity):
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as file:
        track = file.add_stream("png", rate=30)
        track.height, track.width, track.pix_fmt = 64, 96, "rgba"
        for k in range(3):
            rgba = np.dstack([picture(k / 30), np.full((64, 96), opacity, np.uint8)])
            frame = av.VideoFrame.from_ndarray(rgba, format="rgba")
            frame.pts, frame.time_base = k, Fraction(1, 30)
            file.mux(track.encode(frame))
        file.mux(track.encode(None))
    assert np.array_equal(read_video(path).frames[0], picture(0))
    assert remarks(path) == ("" if opacity == 255 else "its transparency left out")


@pytest.mark.parametrize("interlaced", [False, True])
def test_interlaced_film_is_said(tmp_path, interlaced):
    path = tmp_path / "a.mpg"
    with av.open(str(path), "w") as file:
        options = {"flags": "+ildct+ilme"} if interlaced else {}
        track = file.add_stream("mpeg2video", rate=25, options=options)
        track.height, track.width, track.pix_fmt = 64, 96, "yuv420p"
        for k in range(8):
            frame = av.VideoFrame.from_ndarray(picture(k / 25), format="rgb24")
            frame.pts, frame.time_base = k, Fraction(1, 25)
            file.mux(track.encode(frame))
        file.mux(track.encode(None))
    assert remarks(path).startswith("interlaced: odd and even rows are of two moments" if interlaced else "")
    assert bool(remarks(path)) == interlaced


def test_colours_of_an_unread_matrix_are_refused_with_a_command_that_converts_them(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as file:
        track = file.add_stream("libx264", rate=30)
        track.height, track.width, track.pix_fmt = 64, 96, "yuv444p"
        track.codec_context.colorspace = 8  # YCgCo
        frame = av.VideoFrame.from_ndarray(picture(0), format="rgb24").reformat(format="yuv444p")
        frame.pts, frame.time_base, frame.colorspace = 0, Fraction(1, 30), 8
        file.mux([*track.encode(frame), *track.encode(None)])
    # "-colorspace bt709", said here before, writes another name on the same numbers: green where blue was
    with pytest.raises(ClipError, match="a.mp4 .*number 8.*-vf zscale=m=bt709:r=tv,format=yuv420p"):
        read_video(path)


@pytest.mark.parametrize(
    ("tag", "refused"), [(0x00800008, True), (0x007D0007, True), (0x00790006, False), (0x00010000, False)]
)
def test_a_named_layout_of_seven_channels_and_more_is_refused_before_it_is_opened(tmp_path, tag, refused):
    def box(kind, content):
        return struct.pack(">I4s", 8 + len(content), kind) + content

    layout = struct.pack(">IIII", 0, tag, 0, 0)
    film = box(b"ftyp", b"qt  " + bytes(4)) + box(b"moov", box(b"chan", layout)) + box(b"mdat", bytes(8))
    (tmp_path / "film.mov").write_bytes(film)
    sound = struct.pack(">4sHH", b"caff", 1, 0) + struct.pack(">4sqIII", b"chan", 12, tag, 0, 0)
    (tmp_path / "sound.caf").write_bytes(sound)
    for name in ("film.mov", "sound.caf"):
        reason = why_broken(tmp_path / name)
        assert (reason is not None) == refused
        assert not refused or f"a layout of {tag & 0xFFFF} channels" in reason
