r"""Lips from a stream are those from the whole sound, at any rate of samples and frames."""

import numpy as np
import pytest
import torch

from dnt_core.audio.built_in import LOOK_AHEAD, BuiltInLips
from dnt_core.audio.lips_network import FUTURE, PAST, LipsNetwork, composed, relative_to_level, with_silence
from dnt_core.audio.mel import log_mel
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS, to_expression
from dnt_core.audio.sound_stream import StreamMel, StreamResampler, to_16_khz


def murmur(seconds: float, rate: int = 16000, seed: int = 0) -> np.ndarray:
    r"""Noise in syllables, loud and soft in turn, (N,) float32."""
    n = round(seconds * rate)
    envelope = 0.55 - 0.45 * np.cos(2 * np.pi * 4.0 * np.arange(n) / rate)
    return (0.1 * envelope * np.random.default_rng(seed).standard_normal(n)).astype(np.float32)


@pytest.fixture(scope="module")
def lips():
    torch.manual_seed(0)
    network = LipsNetwork(24).eval().requires_grad_(False)
    return BuiltInLips(network=network, sharpness=1.0)


def pieces(sound, seed):
    generator, at = np.random.default_rng(seed), 0
    while at < len(sound):
        step = int(generator.integers(1, len(sound) // 5))
        yield sound[at : at + step]
        at += step


def whole(lips, sound):
    r"""The mouth at every column, computed at once: (C, 11)."""
    mel = torch.from_numpy(log_mel(sound).T.copy())
    columns = len(mel) // 2 * 2
    heard = relative_to_level(with_silence(mel, PAST, FUTURE + 1)[: PAST + columns + FUTURE - 1])
    with torch.no_grad():
        return lips.network(heard[None])[0].numpy()


@pytest.mark.parametrize("fps", [25, 30, 30000 / 1001, 60])
def test_pieces_give_what_the_whole_gives_at_once(lips, fps):
    sound = murmur(2.5)
    frames = int(2.5 * fps)
    stream = lips.stream(16000, fps)
    made = [stream.feed_movements(piece) for piece in pieces(sound, 1)]
    streamed = np.concatenate([*made, stream.finish_movements(frames)])
    columns = whole(lips, sound)
    at = np.arange(frames) / fps * 80
    known = at <= len(columns) - 1
    expected = np.stack([np.interp(at, np.arange(len(columns)), c) for c in columns.T], axis=1)
    assert streamed.shape == (frames, len(LIP_MOVEMENTS))
    np.testing.assert_allclose(streamed[known], expected[known], atol=1e-5)
    np.testing.assert_allclose(to_expression(streamed), lips(sound, 16000, fps, frames), atol=1e-4)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_pieces_of_any_rate_give_what_the_whole_gives(lips, rate):
    sound = murmur(1.6, rate)
    stream = lips.stream(rate, 25)
    made = [stream.feed(piece) for piece in pieces(sound, rate)]
    streamed = np.concatenate([*made, stream.finish(40)])
    np.testing.assert_allclose(streamed, lips(sound, rate, 25, 40), atol=1e-4)


def test_a_frame_comes_once_its_look_ahead_was_heard(lips):
    stream, sound = lips.stream(16000, 25), murmur(2.0)
    came = 0
    for k in range(0, len(sound), 160):
        came += len(stream.feed(sound[k : k + 160]))
        heard = min(k + 160, len(sound)) / 16000
        # frame i shows i / fps; all whose time lies LOOK_AHEAD back have come, none of the future has
        assert int((heard - LOOK_AHEAD) * 25) <= came <= heard * 25 + 1
    assert LOOK_AHEAD < 0.4
    assert came + len(stream.finish(50)) == 50


def test_what_comes_after_the_look_ahead_changes_nothing(lips):
    early, late = murmur(2.0), murmur(2.0)
    late[16000:] = murmur(1.0, seed=9)
    frames = int((1.0 - LOOK_AHEAD) * 25)
    np.testing.assert_allclose(
        lips(early, 16000, 25, 50)[:frames], lips(late, 16000, 25, 50)[:frames], atol=1e-5
    )
    assert np.abs(lips(early, 16000, 25, 50)[30:] - lips(late, 16000, 25, 50)[30:]).max() > 1e-3


@pytest.mark.parametrize("decibels", [-12.5, 6.0])
def test_loudness_is_taken_out(decibels):
    mel = torch.from_numpy(log_mel(murmur(4.5)).T.copy()).clamp(-2.0, 3.0)
    louder = mel + decibels * 8 / 100
    torch.testing.assert_close(relative_to_level(louder), relative_to_level(mel), atol=1e-4, rtol=0)


def test_the_ends(lips):
    assert lips(murmur(0.05), 16000, 25, 100).shape == (100, 64)  # silence after the sound
    assert lips(np.zeros(1, np.float32), 44100, 25, 2).shape == (2, 64)
    assert lips(murmur(1.0), 16000, 25, 0).shape == (0, 64)
    assert len(lips.stream(16000, 25).finish()) == 0
    stream = lips.stream(16000, 25)
    stream.feed(murmur(0.99))
    stream.finish()
    with pytest.raises(RuntimeError, match="finished"):
        stream.feed(murmur(0.1))


def test_frames_cover_the_sound_unless_told_otherwise(lips):
    stream = lips.stream(16000, 25)
    sound = murmur(1.03)
    assert len(stream.feed(sound)) + len(stream.finish()) == 26


def test_bad_input_is_named(lips):
    with pytest.raises(ValueError, match="NaN"):
        lips(np.array([0.0, np.nan], np.float32), 16000, 25, 3)
    with pytest.raises(ValueError, match="mono"):
        lips(np.zeros((2, 100), np.float32), 16000, 25, 3)
    with pytest.raises(ValueError, match="fps is 0"):
        lips(murmur(0.1), 16000, 0, 3)
    with pytest.raises(ValueError, match="sample rate is 12"):
        lips(murmur(0.1), 12, 25, 3)
    with pytest.raises(ValueError, match="frames is -1"):
        lips(murmur(0.1), 16000, 25, -1)


def test_closed_lips_stay_closed_however_far_the_jaw_is_open():
    raw = torch.full((2, 11), 0.5)
    raw[:, LIP_MOVEMENTS.index("mouthClose")] = torch.tensor([1.0, 0.0])
    shut, open_ = composed(raw)
    close, jaw = LIP_MOVEMENTS.index("mouthClose"), LIP_MOVEMENTS.index("jawOpen")
    assert shut[close] == shut[jaw] and open_[close] == 0.0
    for name in ("mouthFunnel", "mouthLowerDown", "mouthUpperUp"):
        k = LIP_MOVEMENTS.index(name)
        assert shut[k] == 0.0 and open_[k] == 0.5
    assert open_[LIP_MOVEMENTS.index("mouthPress")] == 0.0


def test_resampled_pieces_are_a_sine_of_the_same_phase():
    for rate in (8000, 44100):
        times = np.arange(rate) / rate
        sound = np.sin(2 * np.pi * 440 * times).astype(np.float32)
        resampler = StreamResampler(rate)
        made = np.concatenate([*(resampler.feed(p) for p in pieces(sound, 2)), resampler.finish()])
        expected = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
        assert made.shape == (16000,)
        np.testing.assert_allclose(made[300:-300], expected[300:-300], atol=2e-4)


def test_resampling_takes_away_what_16_kHz_cannot_hold():
    times = np.arange(44100) / 44100
    made = StreamResampler(44100).feed(np.sin(2 * np.pi * 9500 * times).astype(np.float32))
    assert np.abs(made[300:]).max() < 1e-3


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_resampling_keeps_the_speech_band_and_takes_what_would_fold(rate):
    t = np.arange(rate) / rate
    kept = to_16_khz(np.sin(2 * np.pi * 3000 * t), rate)
    assert len(kept) == 16000
    expected = np.sin(2 * np.pi * 3000 * np.arange(16000) / 16000)
    np.testing.assert_allclose(kept[500:-500], expected[500:-500], atol=2e-3)
    if rate > 20000:
        near = to_16_khz(np.sin(2 * np.pi * 7500 * t), rate)[500:-500]
        assert 20 * np.log10(near.std() * 2**0.5) > -0.5
        folded = to_16_khz(np.sin(2 * np.pi * 8500 * t), rate)[500:-500]
        assert 20 * np.log10(folded.std() * 2**0.5) < -50


def test_mel_columns_of_pieces_are_those_of_the_whole():
    sound = murmur(1.234)
    mel = StreamMel()
    made = np.concatenate([*(mel.feed(p) for p in pieces(sound, 4)), mel.finish()])
    np.testing.assert_allclose(made, log_mel(sound).T, atol=1e-5)
