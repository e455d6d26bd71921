r"""Sound as a stream is the sound that is read whole, from whatever file."""

import av
import numpy as np
import pytest

from dnt_core.clips import ClipError, read_audio, write_audio, write_video
from dnt_core.clips.held_level import HeldLevel
from dnt_core.clips.sound_blocks import hear


def write_sound(path, planes, rate, codec, layout):
    r"""(channels, N) in a file of any kind."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        kind = stream.codec_context.format.name
        resampler = av.AudioResampler(format=kind, layout=layout, rate=rate, frame_size=960)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes, np.float32), "fltp", layout)
        frame.sample_rate = rate
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


def sweep(seconds, rate):
    t = np.arange(round(seconds * rate)) / rate
    return 0.4 * np.sin(2 * np.pi * (200 * t + 150 * t**2)) * (1 + np.sin(9 * t)) / 2


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout"),
    [
        ("a.wav", "pcm_s16le", 16000, "mono"),
        ("a.wav", "pcm_f32le", 96000, "stereo"),
        ("a.wav", "pcm_s16le", 22050, "2.1"),
        ("a.mp3", "libmp3lame", 44100, "stereo"),
        ("a.m4a", "aac", 44100, "mono"),
        ("a.ogg", "libopus", 24000, "stereo"),
        ("a.opus", "libopus", 48000, "mono"),
        ("a.flac", "flac", 11025, "stereo"),
    ],
)
def test_blocks_are_the_sound_that_is_read_whole(tmp_path, name, codec, rate, layout):
    channels = {"mono": 1, "stereo": 2, "2.1": 3}[layout]
    planes = np.stack([sweep(2.3, rate) * (1 - 0.3 * k) for k in range(channels)])
    path = write_sound(tmp_path / name, planes, rate, codec, layout)
    heard = hear(path)
    blocks = list(heard.blocks())
    whole = read_audio(path, heard.rate)
    assert heard.rate == (48000 if codec == "libopus" else min(rate, 48000)) and heard.channels == channels
    assert len(blocks) > 5 and max(map(len, blocks)) <= heard.rate
    found = np.concatenate(blocks)
    assert heard.samples == len(found) == len(whole)
    assert np.abs(found - whole).max() < 1e-5
    assert heard.peak == pytest.approx(np.abs(whole).max(), rel=0.35)


def test_the_level_is_that_of_what_lasts(tmp_path):
    tone = 0.05 * sweep(2.0, 16000) / np.abs(sweep(2.0, 16000)).max() + 0.01
    tone[[100, 8_000, 20_000]] = 1.0  # clicks
    heard = hear(write_sound(tmp_path / "a.wav", tone[None], 16000, "pcm_s16le", "mono"))
    assert heard.peak > 0.9 and heard.offset == pytest.approx(tone.mean(), abs=1e-4)
    assert heard.level == pytest.approx(0.05, rel=0.1)
    whole, cut = HeldLevel(16000), HeldLevel(16000)
    whole.add(tone)
    for piece in np.split(tone, [7, 3_000, 3_001, 25_000]):
        cut.add(piece)
    assert whole.value == cut.value
    assert HeldLevel(16000).value == 0


def test_channels_that_cancel_leave_the_louder_one(tmp_path):
    tone = sweep(1.0, 16000)
    path = write_sound(tmp_path / "a.wav", np.stack([tone, -0.9 * tone]), 16000, "pcm_s16le", "stereo")
    found = np.concatenate(list(hear(path).blocks()))
    assert np.abs(found - tone).max() < 1e-3


def test_a_videos_sound_begins_at_its_first_frame(tmp_path):
    tone = sweep(1.0, 16000).astype(np.float32)
    path = write_video(tmp_path / "v.mp4", np.zeros((25, 64, 64, 3), np.uint8), 25, tone, 16000)
    heard = hear(path)
    found, whole = np.concatenate(list(heard.blocks())), read_audio(path)
    assert len(found) == len(whole) and np.abs(found - whole).max() < 1e-5


def test_a_file_without_sound_a_broken_one_and_nan_are_said(tmp_path):
    silent = write_video(tmp_path / "v.mp4", np.zeros((5, 64, 64, 3), np.uint8), 25)
    with pytest.raises(ClipError, match="v.mp4 has no sound track"):
        hear(silent)
    for name in ("a.wav", "a.m4a"):
        whole = write_audio(tmp_path / name, sweep(1.0, 16000).astype(np.float32))
        whole.write_bytes(whole.read_bytes()[:-5000])
        with pytest.raises(ClipError, match=f"{name} cannot be read: truncated"):
            hear(whole)
    (tmp_path / "a.txt").write_text("no sound at all, but words and words")
    with pytest.raises(ClipError, match="FFmpeg finds no media in it"):
        hear(tmp_path / "a.txt")
    bad = sweep(1.0, 16000)
    bad[8000] = np.nan
    write_sound(tmp_path / "n.wav", bad[None], 16000, "pcm_f32le", "mono")
    with pytest.raises(ClipError, match=r"n.wav holds NaN or infinite samples at 0\.\d\d s"):
        hear(tmp_path / "n.wav")


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.ogg", "libopus"),
     ("a.aiff", "pcm_s16be"), ("a.au", "pcm_s16be"), ("a.tta", "tta")],
)  # fmt: skip
def test_a_sound_that_was_cut_off_is_said_to_be(tmp_path, name, codec):
    r"""What the file itself says of its length: a count of bytes, of samples, or a page that is not whole."""
    tone = np.stack([sweep(3.0, 48000)] * 2)
    path = write_sound(tmp_path / name, tone, 48000, codec, "stereo")
    assert hear(path).seconds == pytest.approx(3.0, abs=0.03)
    assert len(read_audio(path)) == pytest.approx(48000, abs=500)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    for read in (hear, read_audio):
        with pytest.raises(ClipError, match="truncated: it ends") as caught:
            read(path)
        assert "\n" not in str(caught.value)


def test_two_mp3_in_one_file_and_one_without_a_count_are_read(tmp_path):
    path = write_sound(tmp_path / "a.mp3", sweep(1.0, 44100)[None], 44100, "libmp3lame", "mono")
    data = path.read_bytes()
    path.write_bytes(data + data)
    assert hear(path).seconds > 1.9
    at = max(data.find(b"Xing"), data.find(b"Info"))
    path.write_bytes(data[:at] + bytes(4) + data[at + 4 :])
    assert hear(path).seconds == pytest.approx(1.0, abs=0.1)
