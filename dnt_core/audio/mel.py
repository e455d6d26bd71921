r"""The log-mel spectrogram that Wav2Lip and the built-in lips hear, and Wav2Lip's window of it for a frame.

16 kHz → pre-emphasis 0.97 → short-time Fourier transform (800 samples, every 200) → magnitude → 80 Slaney
mel bands from 55 to 7600 Hz → decibels, cut at -100 → [-4, 4]. Sound is mirrored at its ends before the
transform, as librosa did in Wav2Lip's time; librosa ≥ 0.10 pads with zeros unless it is given
``pad_mode="reflect"``.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import fft

from dnt_core.clips.sound import SAMPLE_RATE, check_samples

N_FFT = 800  # samples: 50 ms, window and transform alike
HOP = 200  # samples between columns
COLUMNS_PER_SECOND = SAMPLE_RATE // HOP  # 80
BANDS = 80
LOWEST_HZ, HIGHEST_HZ = 55.0, 7600.0
PREEMPHASIS = 0.97
REFERENCE_DB = 20.0
MIN_DB = -100.0
MAX_VALUE = 4.0  # the normalised values lie in [-4, 4]
SILENCE = -MAX_VALUE
WINDOW = 16  # columns: the 0.2 s of sound that one frame is given
_FLOOR = 10 ** (MIN_DB / 20)  # 1e-5, the smallest amplitude that is told from silence
_BLOCK = 4096  # columns transformed at once, so that memory stays small for long sound


def log_mel(samples: np.ndarray) -> np.ndarray:
    r"""Normalised log-mel spectrogram of 16 kHz mono sound, as Wav2Lip is trained on.

    Column k belongs to the 800 samples around sample 200 k. One minute of sound takes less than 0.1 s.

    Args:
        samples: (N,) floating, in [-1, 1], N >= 401 (25 ms; shorter sound cannot be mirrored at its ends).

    Returns:
        (80, 1 + N // 200) float32 in [-4, 4]; low bands first; silence is -4.

    Raises:
        ValueError: a wrong shape or type, NaN, fewer than 401 samples.
    """
    samples = check_samples(samples, "the sound")
    half = N_FFT // 2
    if len(samples) <= half:
        raise ValueError(
            f"the sound has {len(samples)} samples, expected at least {half + 1} "
            f"({1000 * half // SAMPLE_RATE} ms at {SAMPLE_RATE} Hz)"
        )
    emphasised = (samples - PREEMPHASIS * np.concatenate([[0.0], samples[:-1]])).astype(np.float32)
    padded = np.pad(emphasised, half, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]  # (columns, 800)
    bank = mel_filter_bank()
    window = np.float32(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT))
    columns = [
        bank @ np.abs(fft.rfft(frames[k : k + _BLOCK] * window, axis=-1)).T  # (80, block)
        for k in range(0, len(frames), _BLOCK)
    ]
    decibels = 20 * np.log10(np.maximum(np.concatenate(columns, axis=1), _FLOOR)) - REFERENCE_DB
    return np.clip(2 * MAX_VALUE * (decibels - MIN_DB) / -MIN_DB - MAX_VALUE, -MAX_VALUE, MAX_VALUE)


@cache
def mel_filter_bank() -> np.ndarray:
    r"""Slaney's mel filters: triangles of equal area on a scale that is linear up to 1 kHz, then logarithmic.

    Returns:
        (80, 401) float32, read-only: weight of each of the transform's frequencies in each band.
    """
    edges = _hertz(np.linspace(_mels(LOWEST_HZ), _mels(HIGHEST_HZ), BANDS + 2))
    lower, centre, upper = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    hertz = np.arange(N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT
    triangles = np.minimum((hertz - lower) / (centre - lower), (upper - hertz) / (upper - centre))
    bank = (np.maximum(triangles, 0) * 2 / (upper - lower)).astype(np.float32)
    bank.flags.writeable = False
    return bank


_LINEAR_HZ = 200 / 3  # Hz per mel below the knee
_KNEE_HZ, _KNEE_MELS = 1000.0, 15.0
_LOG_STEP = np.log(6.4) / 27  # natural logarithm of the ratio of frequencies per mel above the knee


def _mels(hertz: float) -> float:
    if hertz < _KNEE_HZ:
        return hertz / _LINEAR_HZ
    return _KNEE_MELS + np.log(hertz / _KNEE_HZ) / _LOG_STEP


def _hertz(mels: np.ndarray) -> np.ndarray:
    above = _KNEE_HZ * np.exp(_LOG_STEP * (mels - _KNEE_MELS))
    return np.where(mels < _KNEE_MELS, mels * _LINEAR_HZ, above)


def first_column(frame: int | np.ndarray, fps: float) -> int | np.ndarray:
    r"""The first of the 16 columns that belong to a frame: int(80 frame / fps).

    Args:
        frame: index or indices of frames, from 0.
        fps: frames per second, > 0.
    """
    if not fps > 0:
        raise ValueError(f"fps must be positive, got {fps}")
    # in Wav2Lip's order: the quotient first, so that rounding falls on the same side
    return np.floor(np.asarray(frame) * (COLUMNS_PER_SECOND / fps)).astype(int)[()]


def mel_windows(mel: np.ndarray, fps: float, frames: int | None = None) -> np.ndarray:
    r"""The window of a spectrogram that belongs to each frame: 16 columns from int(80 k / fps).

    The window begins at the frame's time and so looks 0.2 s ahead.

    Args:
        mel: (80, columns), from :func:`log_mel`.
        fps: frames per second, > 0; Wav2Lip's network knows 25.
        frames: how many frames, >= 1; columns beyond the end of the sound are then silence. ``None``: as
            Wav2Lip's own inference counts them, every window that fits and, last, the final 16 columns (out
            of step with its frame). That is three fewer than 25 T for T seconds at 25 fps.

    Returns:
        (frames, 80, 16), the type of ``mel``.

    Raises:
        ValueError: a wrong shape, fps or number of frames, or fewer than 16 columns where ``frames`` is None.
    """
    if mel.ndim != 2 or mel.shape[0] != BANDS:
        raise ValueError(f"the spectrogram must be ({BANDS}, columns), got {mel.shape}")
    columns = mel.shape[1]
    if frames is None:
        if columns < WINDOW:
            raise ValueError(f"the spectrogram has {columns} columns, expected at least {WINDOW} (0.2 s)")
        count = 0
        while first_column(count, fps) + WINDOW <= columns:
            count += 1
        starts = np.append(first_column(np.arange(count), fps), columns - WINDOW)
    elif frames < 1:
        raise ValueError(f"frames must be at least 1, got {frames}")
    else:
        starts = first_column(np.arange(frames), fps)
        beyond = max(0, int(starts[-1]) + WINDOW - columns)
        mel = np.pad(mel, ((0, 0), (0, beyond)), constant_values=SILENCE)
    windows = np.lib.stride_tricks.sliding_window_view(mel, WINDOW, axis=1)  # (80, columns - 15, 16)
    return np.ascontiguousarray(windows[:, starts].transpose(1, 0, 2))
