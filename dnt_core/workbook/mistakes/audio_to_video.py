r"""Common wrong answers to the exercises of notebook 07, audio to video."""

from __future__ import annotations

import numpy as np

from dnt_core.audio.mel import mel_filter_bank
from dnt_core.workbook.mistakes.kinds import Mistakes


def suspect_log_mel(samples: np.ndarray) -> np.ndarray:
    r"""The log-mel of exercise 7.5 with its planted error.

    Args:
        samples: (N,) at 16 kHz.

    Returns:
        (80, C) in [-4, 4].
    """
    return other_log_mel(samples, hop=210)


def other_log_mel(
    samples: np.ndarray, emphasis: float = 0.97, window: int = 800, hop: int = 200
) -> np.ndarray:
    r"""The log-mel with other numbers than Wav2Lip's.

    Args:
        samples: (N,) at 16 kHz.
        emphasis: how much of the previous sample is subtracted.
        window: samples, even, at most 800.
        hop: samples from one column to the next.

    Returns:
        (80, C) in [-4, 4].
    """
    y = np.append(samples[:1], samples[1:] - emphasis * samples[:-1])
    pieces = np.lib.stride_tricks.sliding_window_view(np.pad(y, window // 2, mode="reflect"), window)[::hop]
    fade = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    bands = mel_filter_bank() @ np.abs(np.fft.rfft(pieces * fade, n=800, axis=1)).T
    decibels = 20 * np.log10(np.maximum(bands, 1e-5)) - 20
    return np.clip(8 * (decibels + 100) / 100 - 4, -4, 4).astype(np.float32)


def _filtered(x, weights, step, last=2, turned=False):
    n = len(x) - 2 * step
    w = weights.flip(0) if turned else weights
    return sum(w[k] * x[k * step : k * step + n] for k in range(last + 1))


def _neighbours(x, weights, step):
    return sum(weights[k] * x[k : k + len(x) - 2 * step] for k in range(3))


window_start: Mistakes = {
    "You rounded to the nearest column. Wav2Lip cuts the fraction off.": lambda frame, fps: round(
        80 * frame / fps
    ),
    "You cut off the fraction of 80 / fps first. That loses a column every few frames, and the loss adds "
    "up: the lips drift away from the sound.": lambda frame, fps: frame * int(80 / fps),
    "You centred the window on the frame. Wav2Lip's window begins at the frame.": lambda frame, fps: (
        int(80 * frame / fps) - 8
    ),
}


def _right(opening, truth, reach=1):
    r"""Frames that meet and lie at most ``reach`` frames from a true meeting; those that meet; true ones."""
    meets, true_meets = opening <= 1, truth <= 1
    near = np.convolve(true_meets, np.ones(2 * reach + 1), "same") > 0
    return (meets & near).sum(), meets.sum(), true_meets.sum()


precision_of: Mistakes = {
    "You divided by the frames in which the lips should meet. That is a recall: it does not see lips that "
    "meet where they should not.": lambda opening, truth: (
        _right(opening, truth)[0] / _right(opening, truth)[2]
    ),
    "You allowed no frame early or late.": lambda opening, truth: (
        _right(opening, truth, 0)[0] / _right(opening, truth)[1]
    ),
    "You divided by all frames. Divide by those in which the lips meet.": lambda opening, truth: (
        _right(opening, truth)[0] / len(opening)
    ),
}


def _closed(close, jaw, upper, sharpness, middle=0.5, cut=True):
    closure = (close - middle) * sharpness + middle
    closure = np.clip(closure, 0, 1) if cut else closure
    return closure, jaw, upper


closing_step: Mistakes = {
    "The closure leaves the range from 0 to 1. Cut it.": lambda *given: (
        (c := _closed(*given, cut=False))[0] * c[1],
        (1 - c[0]) * c[2],
    ),
    "mouthClose undoes the jaw: it is c times jawOpen, and not c alone.": lambda *given: (
        (c := _closed(*given))[0],
        (1 - c[0]) * c[2],
    ),
    "You multiplied the movement that parts the lips by c. At c = 1 nothing may part them.": lambda *given: (
        (c := _closed(*given))[0] * c[1],
        c[0] * c[2],
    ),
    "The sharpness turns about 0.5, and not about 0: subtract 0.5 first, and add it again.": lambda *given: (
        (c := _closed(*given, middle=0.0))[0] * c[1],
        (1 - c[0]) * c[2],
    ),
}

drift_of: Mistakes = {
    "The size is right, the sign is not: with a larger hop a column lies later in the sound than its number "
    "says.": lambda hop, seconds: seconds * (1 - hop / 200),
    "You measured from the window's time back to the frame's. Start from the frame: its column's number "
    "first, then the time of that column.": lambda hop, seconds: seconds * (1 - 200 / hop),
    "This is the drift after one second. It grows with time.": lambda hop, seconds: hop / 200 - 1,
}

closings_of: Mistakes = {
    "You counted the frames in which the lips meet. A closing of several frames counts once.": (
        lambda opening: (opening <= 1).sum()
    ),
    "You counted the openings, too: each time that meeting begins or ends.": (
        lambda opening: np.diff(opening <= 1, prepend=False, append=False).sum()
    ),
    "You left out lips that meet in the first frame.": (
        lambda opening: ((opening <= 1)[1:] & ~(opening <= 1)[:-1]).sum()
    ),
}

dilated: Mistakes = {
    "The order of the weights is reversed: w0 belongs to the earliest value.": (
        lambda x, weights, step: _filtered(x, weights, step, turned=True)
    ),
    "The three values are neighbours here. They should be a step apart.": _neighbours,
    "The third weight is missing.": lambda x, weights, step: _filtered(x, weights, step, last=1),
}
