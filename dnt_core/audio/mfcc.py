r"""The mel-frequency cepstra that SyncNet hears, by the conventions of ``python_speech_features`` 0.6.

16 kHz, the scale of 16-bit integers → pre-emphasis 0.97 → frames of 25 ms every 10 ms, not windowed → power
spectrum of 512 points → 26 triangles from 0 to 8000 Hz on the scale 2595 log10(1 + f / 700) → logarithm →
cosine transform → 13 cepstra, liftered by 22, the first one replaced by the frame's log energy.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import fft

from dnt_core.clips.sound import SAMPLE_RATE, check_samples

CEPSTRA = 13
FRAME, STEP = 400, 160  # samples: 25 ms, 10 ms
N_FFT = 512
BANDS = 26
PREEMPHASIS = 0.97
LIFTER = 22
INT16 = 32768.0  # SyncNet's scale: samples of a 16-bit wav file, as integers
VIDEO_FPS = 25  # of SyncNet
STEPS_PER_FRAME = 4  # MFCC steps per frame of the video
WINDOW = 20  # steps: 0.2 s, five frames
_EPS = np.finfo(float).eps  # stands for an energy of 0
_BLOCK = 4096  # frames transformed at once, so that memory stays small for long sound


def mfcc(samples: np.ndarray) -> np.ndarray:
    r"""Cepstra of 16 kHz mono sound, 99 steps for the first second and 100 for each further one.

    Args:
        samples: (N,) floating, in [-1, 1]; rounded to 16-bit integers, as a wav file holds them. The scale
            matters: the log energy of full scale is 20.8 higher than in [-1, 1].

    Returns:
        (13, 1 + ceil((N - 400) / 160)) float32, one column per 10 ms, at least one; the last one's missing
        samples are zeros.

    Raises:
        ValueError: a wrong shape or type, or NaN.
    """
    samples = np.round(check_samples(samples, "the sound").astype(float) * INT16).clip(-INT16, INT16 - 1)
    emphasised = np.append(samples[0], samples[1:] - PREEMPHASIS * samples[:-1])
    steps = 1 + max(0, -(-(len(samples) - FRAME) // STEP))
    padded = np.pad(emphasised, (0, max(0, (steps - 1) * STEP + FRAME - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::STEP]  # (steps, 400)
    bank, lifter = filter_bank(), 1 + LIFTER / 2 * np.sin(np.pi * np.arange(CEPSTRA) / LIFTER)
    rows = []
    for k in range(0, steps, _BLOCK):
        power = np.abs(fft.rfft(frames[k : k + _BLOCK], N_FFT, axis=-1)) ** 2 / N_FFT  # (block, 257)
        energy, bands = power.sum(1), power @ bank.T
        bands, energy = (np.where(value == 0, _EPS, value) for value in (bands, energy))
        cepstra = fft.dct(np.log(bands), type=2, axis=1, norm="ortho")[:, :CEPSTRA] * lifter
        cepstra[:, 0] = np.log(energy)
        rows.append(cepstra)
    return np.concatenate(rows).T.astype(np.float32)


@cache
def filter_bank() -> np.ndarray:
    r"""Triangles of height 1 between whole frequency bins.

    Returns:
        (26, 257) float64, read-only: weight of each of the spectrum's frequencies in each band.
    """
    highest = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    hertz = 700 * (10 ** (np.linspace(0, highest, BANDS + 2) / 2595) - 1)
    edges = np.floor((N_FFT + 1) * hertz / SAMPLE_RATE)
    lower, centre, upper = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bins = np.arange(N_FFT // 2 + 1)
    rising = np.where((bins >= lower) & (bins < centre), (bins - lower) / (centre - lower), 0)
    falling = np.where((bins >= centre) & (bins < upper), (upper - bins) / (upper - centre), 0)
    bank = rising + falling
    bank.flags.writeable = False
    return bank


def sync_windows(n_frames: int, n_samples: int) -> int:
    r"""How many windows of five frames SyncNet compares: min(frames, floor(samples / 640)) - 5.

    That is one fewer than there are, as in the original.

    Args:
        n_frames: frames of the video at 25 per second.
        n_samples: samples of its sound at 16 kHz.

    Returns:
        0 or more.
    """
    return max(0, min(n_frames, n_samples // (SAMPLE_RATE // VIDEO_FPS)) - WINDOW // STEPS_PER_FRAME)


def mfcc_windows(cepstra: np.ndarray, windows: int) -> np.ndarray:
    r"""The window of cepstra that belongs to each window of five frames: 20 steps from 4 k.

    Args:
        cepstra: (13, steps), from :func:`mfcc`.
        windows: how many, from :func:`sync_windows`.

    Returns:
        (windows, 1, 13, 20).

    Raises:
        ValueError: a wrong shape, or the cepstra end before the last window does.
    """
    if cepstra.ndim != 2 or cepstra.shape[0] != CEPSTRA:
        raise ValueError(f"the cepstra must be ({CEPSTRA}, steps), got {cepstra.shape}")
    needed = STEPS_PER_FRAME * (windows - 1) + WINDOW
    if windows < 1 or cepstra.shape[1] < needed:
        raise ValueError(
            f"{windows} windows need {max(needed, WINDOW)} steps of 10 ms, got {cepstra.shape[1]}; "
            "expected at least one window and sound as long as the video"
        )
    views = np.lib.stride_tricks.sliding_window_view(cepstra, WINDOW, axis=1)[:, ::STEPS_PER_FRAME][
        :, :windows
    ]
    return np.ascontiguousarray(views.transpose(1, 0, 2)[:, None])
