r"""SyncNet's cepstra against numbers of python_speech_features 0.6, and the windows of frames."""

import numpy as np
import pytest

from dnt_core.audio.mfcc import filter_bank, mfcc, mfcc_windows, sync_windows

# python_speech_features 0.6: mfcc(np.round(recorded_sound() * 32768).astype(np.int16), 16000), rows by step
RECORDED = {
    0: [-36.0437, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    6: [19.0215, -0.4479, 8.0883, 0.4103, -5.5473, -14.7533, -20.0649, -23.3471, -21.3784, -16.6283, -8.7752,
        -1.6733, 4.2997],
    20: [20.5117, 8.822, -17.8666, 5.7999, -61.396, -34.5894, 14.0247, -18.9507, 15.6066, 45.5235, -15.3602,
         -0.7468, 1.4742],
    49: [21.0735, 9.754, -31.7015, -4.8401, -21.1729, 17.668, 48.8599, -32.1763, -27.1509, 11.36, -10.8081,
         19.9027, 15.6295],
}  # fmt: skip


def recorded_sound() -> np.ndarray:
    r"""0.51 s: zeros, then a rising tone, then a high one on top."""
    t = np.arange(8123) / 16000
    rising = 0.3 * np.sin(2 * np.pi * (180 * t + 900 * t**2))
    sound = rising + 0.05 * np.sin(2 * np.pi * 3100 * t) * (t > 0.2)
    sound[:1000] = 0
    return sound


def test_numbers_recorded_from_python_speech_features():
    cepstra = mfcc(recorded_sound())
    assert cepstra.shape == (13, 50) and cepstra.dtype == np.float32
    for step, row in RECORDED.items():
        np.testing.assert_allclose(cepstra[:, step], row, atol=2e-4)


def test_one_step_by_hand():
    samples = np.round(recorded_sound() * 32768)
    step = 30
    piece = samples[160 * step : 160 * step + 400] - 0.97 * samples[160 * step - 1 : 160 * step + 399]
    n, f = np.arange(400), np.arange(257)[:, None]
    power = np.abs((piece * np.exp(-2j * np.pi * f * n / 512)).sum(-1)) ** 2 / 512
    bands = np.log(filter_bank() @ power)
    b = np.arange(26)
    expected = [
        np.sqrt(2 / 26)
        * (bands * np.cos(np.pi * k * (2 * b + 1) / 52)).sum()
        * (1 + 11 * np.sin(np.pi * k / 22))
        for k in range(13)
    ]
    expected[0] = np.log(power.sum())
    np.testing.assert_allclose(mfcc(recorded_sound())[:, step], expected, rtol=1e-4, atol=1e-3)


def test_counts_99_steps_a_second_then_100():
    assert mfcc(np.zeros(16000)).shape == (13, 99)
    assert mfcc(np.zeros(48000)).shape == (13, 299)
    assert mfcc(np.zeros(10)).shape == (13, 1)


def test_the_scale_is_that_of_16_bit_integers():
    sound = recorded_sound()
    steps = slice(10, 40)
    assert mfcc(sound)[0, steps].min() > 15  # in [-1, 1] it would be 20.8 lower
    shift = mfcc(sound)[0, steps] - mfcc(sound / 2)[0, steps]
    np.testing.assert_allclose(shift, 2 * np.log(2), atol=0.01)


def test_blocks_do_not_show(monkeypatch):
    whole = mfcc(recorded_sound())
    monkeypatch.setattr("dnt_core.audio.mfcc._BLOCK", 7)
    np.testing.assert_array_equal(mfcc(recorded_sound()), whole)


def test_windows():
    cepstra = np.tile(np.arange(99.0), (13, 1))
    count = sync_windows(25, 16000)
    assert count == 20
    windows = mfcc_windows(cepstra, count)
    assert windows.shape == (20, 1, 13, 20)
    for k in range(count):
        assert (windows[k, 0] == 4 * k + np.arange(20)).all()
    assert sync_windows(25, 16000 - 1) == 19  # the sound is shorter
    assert sync_windows(10, 16000) == 5 and sync_windows(4, 16000) == 0


@pytest.mark.parametrize(
    ("cepstra", "windows", "said"),
    [
        (np.zeros((12, 99)), 3, r"must be \(13, steps\), got \(12, 99\)"),
        (np.zeros((13, 99)), 21, "21 windows need 100 steps of 10 ms, got 99"),
        (np.zeros((13, 99)), 0, "at least one window"),
    ],
)
def test_bad_windows_are_one_sentence(cepstra, windows, said):
    with pytest.raises(ValueError, match=said):
        mfcc_windows(cepstra, windows)


def test_nan_is_one_sentence():
    with pytest.raises(ValueError, match="NaN"):
        mfcc(np.full(1000, np.nan))
