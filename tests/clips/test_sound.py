import numpy as np
import pytest

from dnt_core.clips import Clip, load_clip
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.sound import fit_length, read_audio, write_audio
from dnt_core.clips.video import read_video, write_video


def test_aac_keeps_sound_and_timing(tmp_path, make_tone):
    sound = make_tone(1.0)
    back = read_audio(write_audio(tmp_path / "a.m4a", sound))
    assert back.dtype == np.float32
    assert back.ndim == 1
    assert abs(len(back) - len(sound)) < 1024
    error = fit_length(back, len(sound)) - sound
    assert np.sqrt((error**2).mean()) < 0.05 * np.sqrt((sound**2).mean())


def test_wav_is_nearly_exact_and_resampled(tmp_path, make_tone):
    sound = make_tone(0.5)
    path = write_audio(tmp_path / "a.wav", sound)
    assert np.abs(read_audio(path) - sound).max() < 1e-4
    assert len(read_audio(path, sample_rate=8000)) == pytest.approx(4000, abs=2)
    fast = make_tone(0.5, rate=48000, hertz=500)
    back = read_audio(write_audio(tmp_path / "b.wav", fast, sample_rate=48000))
    reference = make_tone(0.5, hertz=500)
    assert len(back) == pytest.approx(8000, abs=32)
    assert np.corrcoef(fit_length(back, 8000), reference)[0, 1] > 0.98


def test_sample_rates_that_a_file_can_have_and_others(tmp_path, make_tone):
    tone, frames = make_tone(0.2), np.zeros((5, 64, 64, 3), np.uint8)
    for rate in (8000, 16_000.0, np.int64(44_100), 96_000):
        found = len(read_audio(write_audio(tmp_path / "a.m4a", tone, rate), int(rate)))
        assert len(tone) <= found < len(tone) + 1024 and found % 1024 == 0
    write_video(tmp_path / "a.mp4", frames, 25, tone, 16_000.0)
    assert len(read_audio(write_audio(tmp_path / "a.wav", tone, 12_345), 12_345)) == len(tone)
    for rate, said in ((12_345, "one that AAC has"), (0, "a whole number"), (np.nan, "a whole number")):
        with pytest.raises(ValueError, match=f"the sample rate is {rate} Hz; expected {said}"):
            write_audio(tmp_path / "b.m4a", tone, rate)
        with pytest.raises(ValueError, match=f"the sample rate is {rate} Hz; expected {said}"):
            write_video(tmp_path / "b.mp4", frames, 25, tone, rate)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.m4a", "a.mp4", "a.wav"]
    clip = Clip("M003", "front", "happy", 1, 1, tmp_path / "a.mp4")
    for read in (lambda: read_audio(tmp_path / "a.wav", 10**9), lambda: load_clip(clip, sample_rate=10**9)):
        with pytest.raises(ValueError, match="the sample rate is 1000000000 Hz; expected at most 400000"):
            read()


def test_stereo_becomes_mono(tmp_path):
    import wave

    left = (8000 * np.sin(np.arange(16000) / 20)).astype(np.int16)
    with wave.open(str(tmp_path / "s.wav"), "wb") as file:
        file.setnchannels(2), file.setsampwidth(2), file.setframerate(16000)
        file.writeframes(np.stack([left, np.zeros_like(left)], 1).tobytes())
    assert np.abs(read_audio(tmp_path / "s.wav") - left / 65536).max() < 1e-3


def test_same_input_same_bytes(tmp_path, make_tone):
    one, two = (write_audio(tmp_path / f"{n}.m4a", make_tone(0.3)).read_bytes() for n in "ab")
    assert one == two


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.array([0, np.nan, 0], np.float32), "NaN or infinite samples, the first at sample 1"),
        (np.array([0, 0, np.inf]), "the first at sample 2"),
        (np.zeros((2, 100), np.float32), r"shape \(2, 100\)"),
        (np.zeros(0, np.float32), r"shape \(0,\)"),
        (np.zeros(100, np.int16), "int16"),
        (np.full(100, 3000.0), "reaches 3000"),
    ],
)
def test_bad_sound_is_refused(tmp_path, bad, message):
    with pytest.raises(ValueError, match=message):
        write_audio(tmp_path / "a.m4a", bad)
    assert not list(tmp_path.iterdir())


def test_bad_files_are_named(tmp_path, frames, make_tone):
    silent = write_video(tmp_path / "silent.mp4", frames, 30, mark=False)
    with pytest.raises(ClipError, match="silent.mp4 has no sound track"):
        read_audio(silent)
    sound = write_audio(tmp_path / "a.m4a", make_tone(0.5))
    with pytest.raises(ClipError, match="a.m4a has no video track"):
        read_video(sound)
    (tmp_path / "half.m4a").write_bytes(sound.read_bytes()[:2000])
    with pytest.raises(ClipError, match="half.m4a .*truncated"):
        read_audio(tmp_path / "half.m4a")
    with pytest.raises(ValueError, match="a.mp3: expected one of .m4a"):
        write_audio(tmp_path / "a.mp3", make_tone(0.1))


def test_nan_in_a_file_is_refused(tmp_path):
    soundfile = pytest.importorskip("soundfile")
    sound = np.zeros(1000, np.float32)
    sound[5] = np.nan
    soundfile.write(tmp_path / "n.wav", sound, 16000, subtype="FLOAT")
    with pytest.raises(ClipError, match="n.wav holds 1 NaN"):
        read_audio(tmp_path / "n.wav")
