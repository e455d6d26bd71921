r"""Files of sound alone that were cut off are said to be, as far as anything in them says so."""

import struct

import numpy as np
import pytest

from dnt_core.clips import ClipError, read_audio
from dnt_core.clips.container_ends import why_broken
from dnt_core.clips.sound_blocks import hear
from tests.clips.test_sound_blocks import sweep, write_sound

AMR = b"#!AMR\n" + b"".join(bytes([7 << 3 | 4]) + bytes(31) for _ in range(100))
AMR_WB = b"#!AMR-WB\n" + b"".join(bytes([8 << 3 | 4]) + bytes(60) for _ in range(100))
MADE = [("a.aac", "aac"), ("a.ac3", "ac3"), ("a.eac3", "eac3"), ("a.mp2", "mp2"), ("a.caf", "pcm_s16be"),
        ("b.caf", "alac"), ("a.w64", "pcm_s16le"), ("a.voc", "pcm_u8")]  # fmt: skip


def whole(folder, name, codec):
    tone = np.stack([sweep(2.0, 44100)] * 2)
    return write_sound(folder / name, tone, 44100, codec, "stereo")


@pytest.mark.parametrize(("name", "codec"), MADE)
@pytest.mark.parametrize("share", [0.31, 0.77, 0.995])
def test_a_cut_is_said(tmp_path, name, codec, share):
    path = whole(tmp_path, name, codec)
    assert why_broken(path) is None
    assert len(read_audio(path)) == pytest.approx(32000, abs=800)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share) | 1])
    for read in (hear, read_audio):
        with pytest.raises(ClipError, match="truncated: it ends inside (its sound|a frame of its sound)"):
            read(path)


def test_a_wav_that_counts_a_byte_which_its_writer_left_out(tmp_path):
    """A chunk of an odd length is to be followed by one."""
    sound, path = bytes(3 * 4801), tmp_path / "a.wav"
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 16_000, 48_000, 3, 24)
    chunks = b"WAVE" + form + struct.pack("<4sI", b"data", len(sound)) + sound
    path.write_bytes(struct.pack("<4sI", b"RIFF", len(chunks) + 1) + chunks)
    assert len(read_audio(path)) == hear(path).samples == 4801
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ClipError, match="truncated: it ends inside its RIFF chunk"):
        read_audio(path)


@pytest.mark.parametrize("data", [AMR, AMR_WB])
def test_a_telephones_recording(tmp_path, data):
    path = tmp_path / "a.amr"
    path.write_bytes(data)
    assert len(read_audio(path)) == pytest.approx(32000, abs=100) and hear(path).seconds == pytest.approx(2.0)
    path.write_bytes(data[:-5])
    with pytest.raises(ClipError, match="ends inside a frame of its sound .*to use what is there: `ffmpeg"):
        read_audio(path)


@pytest.mark.parametrize(("name", "codec"), [("a.aac", "aac"), ("a.ac3", "ac3"), ("a.mp2", "mp2")])
def test_tags_in_front_and_behind_are_no_frames(tmp_path, name, codec):
    path = whole(tmp_path, name, codec)
    data = path.read_bytes()
    path.write_bytes(data + b"TAG" + bytes(125))
    assert why_broken(path) is None
    path.write_bytes(b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + data)
    assert why_broken(path) is None
    path.write_bytes(b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + data[:-3])
    assert why_broken(path).startswith("truncated")


def test_chunks_behind_the_sound_and_a_recording_without_a_length(tmp_path):
    path = whole(tmp_path, "a.caf", "pcm_s16be")
    data = path.read_bytes()
    path.write_bytes(data + b"free" + (8).to_bytes(8, "big") + bytes(8))
    assert why_broken(path) is None
    at = data.index(b"data") + 4
    path.write_bytes(data[:at] + b"\xff" * 8 + data[at + 8 : -1000])  # a writer that could not go back
    assert why_broken(path) is None
    assert len(read_audio(path)) > 30000


@pytest.mark.parametrize("samples", [32000, 32768, 1000])
def test_no_sample_of_alac_in_caf_is_lost(tmp_path, samples):
    tone = sweep(samples / 16000, 16000)
    path = write_sound(tmp_path / "a.caf", tone[None], 16000, "alac", "mono")
    assert hear(path).samples == samples
    np.testing.assert_allclose(read_audio(path), tone, atol=1e-4)


@pytest.mark.parametrize(("used", "bits"), [(24, 32), (20, 32), (12, 24), (12, 16), (24, 24)])
def test_a_wav_whose_samples_leave_bits_empty(tmp_path, used, bits):
    whole = np.round(sweep(0.5, 16000) * 2 ** (used - 1)).astype(np.int64) << (bits - used)
    data = whole.astype("<i8").view(np.uint8).reshape(-1, 8)[:, : bits // 8].tobytes()
    step = bits // 8
    form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 16000, 16000 * step, step, bits, 22, used, 4)
    form += bytes.fromhex("0100000000001000800000aa00389b71")
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)
    np.testing.assert_allclose(read_audio(path), sweep(0.5, 16000), atol=2.0 ** (1 - used))
    assert hear(path).samples == 8000


def _wav(samples: np.ndarray, rate: int = 16_000, claims: int | None = None) -> bytes:
    r"""A mono wav of 16 bits whose header counts its bytes, or claims another length."""
    data = (samples * 32767).astype("<i2").tobytes()
    length = len(data) if claims is None else claims
    riff = min(36 + length, 2**32 - 1)
    form = struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    return b"RIFF" + struct.pack("<I", riff) + b"WAVEfmt " + form + b"data" + struct.pack("<I", length) + data


@pytest.mark.parametrize("claims", [0, 1_000_000_000, 2_000_000_000, 2**31 - 1, 2**32 - 1])
def test_a_wav_that_was_sent_before_its_length_was_known(tmp_path, claims, make_tone):
    """Servers that speak a text claim any large length; two billion bytes were taken for a cut file."""
    tone = make_tone(0.5)
    (tmp_path / "said.wav").write_bytes(_wav(tone, claims=claims))
    assert read_audio(tmp_path / "said.wav").size == tone.size


def test_wavs_put_together_are_heard_to_the_end(tmp_path, make_tone):
    """A server that speaks sentence by sentence sends a header with each; the first one alone was heard."""
    parts = [make_tone(0.25, hertz=f) for f in (300, 600, 900)]
    path = tmp_path / "said.wav"
    path.write_bytes(b"".join(map(_wav, parts)) + b"LIST\4\0\0\0INFO")
    np.testing.assert_allclose(read_audio(path), np.concatenate(parts), atol=1e-4)
    assert hear(path).seconds == pytest.approx(0.75)
    path.write_bytes(_wav(parts[0]) + _wav(parts[1], rate=8_000))
    with pytest.raises(ClipError, match="said.wav cannot be read: it is 2 wav files of different kinds"):
        read_audio(path)


@pytest.mark.parametrize("suffix", [".pcm", ".raw"])
def test_samples_without_a_header_want_one(tmp_path, suffix, make_tone):
    path = tmp_path / f"said{suffix}"
    path.write_bytes(_wav(make_tone(0.25))[44:])
    with pytest.raises(ClipError, match=r"bare samples do not say their rate.*ffmpeg -f s16le"):
        hear(path)
