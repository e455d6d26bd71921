r"""Recordings one behind the other in one file, whose clock begins anew with each, are read one after the
other."""

import re

import av
import numpy as np
import pytest

from dnt_core.clips import ClipError, count_frames, read_audio
from dnt_core.clips.clip_reading import load_clip
from dnt_core.clips.frame_decoder import FrameDecoder
from dnt_core.clips.media_reading import open_reading
from dnt_core.clips.sound import sound_frames
from dnt_core.clips.sound_blocks import hear
from tests.clips.film_maker import as_clip, make_film
from tests.clips.test_sound_blocks import sweep, write_sound


def joined(path, *parts):
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [("ogg", "libopus"), ("webm", "libopus"), ("mka", "pcm_s16le"), ("ts", "aac")],
)
def test_sound_goes_on_with_the_second_recording(tmp_path, suffix, codec):
    whole = sweep(3.0, 48000)
    cut = round(1.4 * 48000)
    parts = [
        write_sound(tmp_path / f"{k}.{suffix}", half[None], 48000, codec, "mono")
        for k, half in enumerate((whole[:cut], whole[cut:]))
    ]
    path = joined(tmp_path / f"joined.{suffix}", *parts)
    first, last = (read_audio(parts[k], 48000) for k in (0, 1))
    found = np.concatenate(list(hear(path).blocks()))
    assert len(found) == pytest.approx(
        3.0 * 48000, abs=0.08 * 48000
    )  # AAC's first and last blocks are longer
    assert np.abs(found - read_audio(path, 48000)).max() < 1e-5
    at = len(first) + np.arange(-2000, 2001)  # where the second one may begin
    part = last[10_000:20_000]
    fits = [np.dot(found[k + 10_000 : k + 20_000], part) for k in at]
    assert abs(at[int(np.argmax(fits))] - len(first)) <= 480
    assert max(fits) > 0.9 * np.dot(part, part)


def test_flac_files_put_together_lose_no_sound_without_a_word(tmp_path):
    part = write_sound(tmp_path / "part.flac", sweep(1.0, 16000)[None], 16000, "flac", "mono")
    assert hear(part).seconds == 1
    with pytest.raises(ClipError, match="3 FLAC files, put together .* sound would be lost .* concat=n=2"):
        hear(joined(tmp_path / "joined.flac", part, part, part))  # it was heard 2.3 s long


@pytest.mark.parametrize(("suffix", "codec"), [("m4a", "aac"), ("mov", "pcm_s16le"), ("aiff", "pcm_s16be")])
def test_files_put_together_that_are_not_read_on_are_said(tmp_path, suffix, codec):
    part = write_sound(tmp_path / f"part.{suffix}", sweep(1.0, 16000)[None], 16000, codec, "mono")
    heard = hear(joined(tmp_path / f"joined.{suffix}", part, part))
    assert heard.seconds == hear(part).seconds and hear(part).note == ""
    assert heard.note == "2 files put together; the first alone is read, as by players"
    with open_reading(heard.path, video=False, sample_rate=16000) as reading:
        assert heard.note in reading.remarks


def test_an_index_that_is_repeated_before_fragments_is_no_second_file(tmp_path):
    path, options = (
        tmp_path / "live.mp4",
        {"movflags": "empty_moov+default_base_moof", "frag_duration": "500000"},
    )
    with av.open(str(path), "w", options=options) as file:
        stream = file.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(sweep(2.0, 16000)[None].astype(np.float32), "fltp", "mono")
        frame.sample_rate = 16000
        file.mux([*stream.encode(frame), *stream.encode(None)])
    whole, seconds = path.read_bytes(), hear(path).seconds
    first, second = (m.start() - 4 for m in list(re.finditer(b"moof", whole))[:2])
    path.write_bytes(whole[:second] + whole[:first] + whole[second:])
    assert hear(path).note == "" and hear(path).seconds == seconds > 1.9


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(("suffix", "sound"), [("mkv", "pcm_s16le"), ("ts", "aac")])
def test_a_film_goes_on_in_step(tmp_path, monkeypatch, suffix, sound, kept):
    if not kept:  # as for films too long to be kept, whose packets are read again
        monkeypatch.setattr(FrameDecoder, "_packets", FrameDecoder._packets_again)
    part = make_film(tmp_path / f"part.{suffix}", sound=sound)
    path = joined(tmp_path / f"joined.{suffix}", part, part)
    loaded = load_clip(as_clip(path))
    seen = loaded.frames[:, loaded.frames.shape[1] // 2].astype(float).mean((1, 2))
    loud = np.abs(loaded.audio) > 0.3 * np.abs(loaded.audio).max()
    flashes = np.flatnonzero(np.diff((seen > (seen.min() + seen.max()) / 2).astype(int)) > 0) + 1
    assert count_frames(path) == pytest.approx(60, abs=3) and len(flashes) == 2
    second = flashes[1] / float(loaded.fps)
    assert second == pytest.approx(1.5, abs=0.1)
    after = np.flatnonzero(loud & (np.arange(len(loud)) > loaded.sample_rate))[0] / loaded.sample_rate
    assert after == pytest.approx(second, abs=0.04)
    with open_reading(path) as reading:
        assert "2 recordings, one behind the other" in reading.remarks


def test_the_sound_of_a_film_is_heard_where_it_is_read(tmp_path):
    r"""Its sound alone does not say where a recording ends: the second one's began .3 s too early."""
    part = make_film(tmp_path / "part.mkv", sound="pcm_s16le", late_sound=0.3)
    path = joined(tmp_path / "joined.mkv", part, part)
    heard, read = np.concatenate(list(hear(path).blocks())), read_audio(path, 48000)
    assert len(heard) == len(read) and np.abs(heard - read).max() < 1e-5


@pytest.mark.parametrize("container", ["matroska", "mp4"])
def test_a_silence_of_eleven_minutes_stays_one(tmp_path, container):
    path, tone = tmp_path / "muted.bin", sweep(1.0, 16000).astype(np.float32)
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream("aac" if container == "mp4" else "flac", rate=16000, layout="mono")
        for start in (0, 660 * 16000):
            for frame in sound_frames(tone, 16000, stream.format.name.replace("s16p", "s16"), first=start):
                file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    found = read_audio(path)
    assert len(found) == pytest.approx(661 * 16000, abs=4096)
    assert np.abs(found[2 * 16000 : 659 * 16000]).max() < 1e-3
    assert np.corrcoef(found[660 * 16000 : 661 * 16000 - 2048], tone[:-2048])[0, 1] > 0.9
    heard = hear(path)
    assert heard.samples == len(found) and max(map(len, heard.blocks())) <= heard.rate


def test_a_single_damaged_stamp_is_no_new_recording():
    from types import SimpleNamespace

    from dnt_core.clips.one_clock import OneClock

    clock, found = OneClock("flv"), []
    for stamp in (0, 20, 40, 3_600_000, 80, 100, 90, 120):
        packet = SimpleNamespace(pts=stamp, dts=stamp, size=9, stream_index=0, time_base=0.001, duration=20)
        clock.move(packet)
        found.append(packet.pts)
    assert found == [0, 20, 40, 3_600_000, 80, 100, 90, 120] and clock.recordings == 1
