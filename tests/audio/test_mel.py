r"""The log-mel of Wav2Lip against librosa with the padding of its time, and the windows of frames."""

import time

import numpy as np
import pytest

from dnt_core.audio.mel import (
    BANDS,
    HOP,
    SILENCE,
    WINDOW,
    first_column,
    log_mel,
    mel_filter_bank,
    mel_windows,
)


def speechlike(seconds: float, seed: int = 0) -> np.ndarray:
    r"""Noise and a gliding tone under a slow envelope, with near silence in between, at 16 kHz."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(16000 * seconds)) / 16000
    tone = sum(np.sin(2 * np.pi * k * (120 * t + 20 * np.sin(3 * t))) / k for k in range(1, 20))
    envelope = np.clip(np.sin(2 * np.pi * 1.7 * t), 0, None) ** 2
    return (envelope * (0.3 * tone + 0.02 * rng.standard_normal(len(t)))).astype(np.float32)


def test_equals_librosa_with_reflect_padding():
    librosa = pytest.importorskip("librosa")
    samples = speechlike(2.3)
    emphasised = samples - 0.97 * np.concatenate([[0], samples[:-1]])
    stft = librosa.stft(emphasised, n_fft=800, hop_length=200, win_length=800, pad_mode="reflect")
    bank = librosa.filters.mel(sr=16000, n_fft=800, n_mels=80, fmin=55, fmax=7600)
    np.testing.assert_allclose(mel_filter_bank(), bank, atol=1e-7)
    decibels = 20 * np.log10(np.maximum(1e-5, bank @ np.abs(stft))) - 20
    expected = np.clip(8 * (decibels + 100) / 100 - 4, -4, 4)
    ours = log_mel(samples)
    assert ours.shape == expected.shape
    assert expected.min() == -4 and expected.max() > 0.5  # both the cut and loud bands are in the comparison
    np.testing.assert_allclose(ours, expected, atol=2e-4)


def test_slow_reference_of_one_column():
    samples = speechlike(0.5, seed=1).astype(np.float64)
    emphasised = samples.copy()
    emphasised[1:] -= 0.97 * samples[:-1]
    k = 11
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(800) / 800)
    piece = emphasised[k * 200 - 400 : k * 200 + 400] * window
    n, f = np.arange(800), np.arange(401)[:, None]
    magnitude = np.abs((piece * np.exp(-2j * np.pi * f * n / 800)).sum(-1))
    decibels = 20 * np.log10(np.maximum(mel_filter_bank().astype(float) @ magnitude, 1e-5)) - 20
    expected = np.clip(8 * (decibels + 100) / 100 - 4, -4, 4)
    np.testing.assert_allclose(log_mel(samples)[:, k], expected, atol=2e-4)


def test_shape_type_range():
    assert log_mel(speechlike(1)).shape == (BANDS, 81)  # as librosa counts 16,000 samples
    assert log_mel(speechlike(1)[:-1]).shape == (BANDS, 80)
    mel = log_mel(np.zeros(16000, np.float32))
    assert mel.dtype == np.float32 and (mel == SILENCE).all()
    loud = log_mel(np.sign(np.sin(np.arange(16000) / 3)).astype(np.float32))
    assert loud.max() <= 4 and loud.min() >= -4


def test_blocks_do_not_show(monkeypatch):
    samples = speechlike(1.5)
    whole = log_mel(samples)
    monkeypatch.setattr("dnt_core.audio.mel._BLOCK", 7)
    np.testing.assert_allclose(log_mel(samples), whole, atol=1e-5)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(400, np.float32), "has 400 samples, expected at least 401"),
        (np.zeros((2, 16000), np.float32), "mono"),
        (np.zeros(16000, np.int16), "int16"),
        (np.full(16000, np.nan, np.float32), "NaN"),
    ],
)
def test_bad_sound_is_one_sentence(samples, said):
    with pytest.raises(ValueError, match=said):
        log_mel(samples)


@pytest.mark.parametrize("fps", [25, 30, 29.97, 24, 60])
def test_frame_k_takes_16_columns_from_80_k_over_fps(fps):
    mel = np.tile(np.arange(500, dtype=np.float32), (BANDS, 1))
    windows = mel_windows(mel, fps, frames=40)
    assert windows.shape == (40, BANDS, WINDOW)
    for k in range(40):
        assert (windows[k] == int(80.0 / fps * k) + np.arange(WINDOW)).all()
    assert first_column(7, fps) == int(7 * (80.0 / fps))


def test_windows_past_the_end_hear_silence():
    mel = np.ones((BANDS, 20), np.float32)
    last = mel_windows(mel, 25, frames=5)[4]  # begins at column 12
    assert (last[:, :8] == 1).all() and (last[:, 8:] == SILENCE).all()
    assert (mel_windows(mel, 25, frames=30)[29] == SILENCE).all()


@pytest.mark.parametrize("seconds", [1, 2, 7])
def test_the_originals_own_count(seconds):
    r"""25 T - 3 windows for T seconds, the last of them the final columns."""
    mel = np.tile(np.arange(80 * seconds + 1, dtype=np.float32), (BANDS, 1))
    windows = mel_windows(mel, 25)
    assert len(windows) == 25 * seconds - 3
    assert windows[-1][0, -1] == 80 * seconds
    np.testing.assert_array_equal(windows[:-1], mel_windows(mel, 25, frames=len(windows) - 1))


@pytest.mark.parametrize(
    ("mel", "options", "said"),
    [
        (np.zeros((40, 50)), {"fps": 25}, r"\(80, columns\), got \(40, 50\)"),
        (np.zeros((80, 15)), {"fps": 25}, "15 columns, expected at least 16"),
        (np.zeros((80, 50)), {"fps": 0}, "fps must be positive, got 0"),
        (np.zeros((80, 50)), {"fps": 25, "frames": 0}, "at least 1, got 0"),
    ],
)
def test_bad_windows_are_one_sentence(mel, options, said):
    with pytest.raises(ValueError, match=said):
        mel_windows(mel, **options)


def test_a_minute_is_quick():
    samples = speechlike(60)
    log_mel(samples[:16000])
    start = time.process_time()
    mel = log_mel(samples)
    assert time.process_time() - start < 1.0  # 0.3 s and less on a quiet core; the bound is for a busy one
    assert mel.shape == (BANDS, 1 + len(samples) // HOP)
