r"""Resonators in cascade (Klatt 1980, equation 1): $y_n = A x_n + B y_{n-1} + C y_{n-2}$, gain 1 at 0 Hz."""

from __future__ import annotations

import numpy as np

from .timeline import SAMPLE_RATE
from .vocal_tract import STEP

RINGING = 1024  # samples a grain has to ring out in: 64 ms, by when a 60 Hz wide formant has fallen by 100 dB


def resonator(frequency: np.ndarray | float, bandwidth: np.ndarray | float):
    r"""Coefficients (A, B, C) of a resonator at 16 kHz, in the arguments' shape.

    Args:
        frequency: Hz, 0..8000.
        bandwidth: Hz, > 0.
    """
    radius = np.exp(-np.pi * np.asarray(bandwidth) / SAMPLE_RATE)
    c = -(radius**2)
    b = 2.0 * radius * np.cos(2.0 * np.pi * np.asarray(frequency) / SAMPLE_RATE)
    return 1.0 - b - c, b, c


def fixed_resonances(source: np.ndarray, frequencies: np.ndarray, bandwidths: np.ndarray) -> np.ndarray:
    r"""A sound through resonators that stand still.

    Args:
        source: (N,) at 16 kHz.
        frequencies: (K,) Hz.
        bandwidths: (K,) Hz.

    Returns:
        (N,).
    """
    from scipy.signal import sosfilt

    a, b, c = resonator(frequencies, bandwidths)
    zero, one = np.zeros_like(a), np.ones_like(a)
    return sosfilt(np.stack([a, zero, zero, one, -b, -c], axis=-1), source)


def moving_resonances(
    source: np.ndarray,
    frequencies: np.ndarray,
    bandwidths: np.ndarray,
    zeros: np.ndarray,
    zero_bandwidths: np.ndarray,
) -> np.ndarray:
    r"""A sound through resonators and anti-resonators that move.

    The source is cut into overlapping grains, each rings out through the resonators as they stood when it
    entered, and the responses are added: $y = \sum_m h_m * (w_m x)$. Setting a recursive filter anew between
    two samples clicks, because its memory belongs to the old setting; this does not, and where the tract
    stands still the two are the same.

    Args:
        source: (N,) at 16 kHz.
        frequencies: (M, K) Hz of the resonators, M = ceil(N / STEP), row m the setting at sample m * STEP.
        bandwidths: (M, K) Hz.
        zeros: (M, L) Hz of the anti-resonators.
        zero_bandwidths: (M, L) Hz.

    Returns:
        (N,).

    Raises:
        ValueError: too few or too many rows.
    """
    settings = -(-source.size // STEP)
    if len(frequencies) != settings:
        raise ValueError(
            f"{len(frequencies)} settings for {source.size} samples, expected {settings}, one every {STEP}"
        )
    from scipy import fft

    grains = settings + 1  # the last setting twice, so that the last samples are whole
    window = 0.5 - 0.5 * np.cos(np.pi * np.arange(2 * STEP) / STEP)  # its copies, STEP apart, add up to 1
    padded = np.concatenate([np.zeros(STEP), source, np.zeros(2 * STEP)])
    cut = np.lib.stride_tricks.sliding_window_view(padded, 2 * STEP)[: grains * STEP : STEP]
    cut = cut * window  # (grains, 2 STEP)
    delay = np.exp(-2j * np.pi * np.arange(RINGING // 2 + 1) / RINGING)  # z^-1
    response = _polynomial(zeros, zero_bandwidths, delay) / _polynomial(frequencies, bandwidths, delay)
    response = np.concatenate([response, response[-1:]])  # (grains, RINGING / 2 + 1)
    rung = fft.irfft(fft.rfft(cut, RINGING) * response, RINGING)  # (grains, RINGING)
    out = np.zeros((grains + RINGING // STEP, STEP))
    for k in range(RINGING // STEP):
        out[k : k + grains] += rung[:, k * STEP : (k + 1) * STEP]
    return out.ravel()[STEP : STEP + source.size]


def _polynomial(frequencies, bandwidths, delay):
    """Product of (1 - B z^-1 - C z^-2) / A over the last axis, (M, RINGING / 2 + 1)."""
    product = np.ones((len(frequencies), delay.size), complex)
    factor = np.empty_like(product)
    numbers = factor.view(float)  # real and imaginary parts in turn: cheaper for a real factor
    for column in range(frequencies.shape[1]):
        a, b, c = (x[:, None] for x in resonator(frequencies[:, column], bandwidths[:, column]))
        np.multiply(-c, delay.view(float), out=numbers)
        numbers[:, ::2] -= b
        np.multiply(delay, factor, out=factor)
        numbers[:, ::2] += 1.0
        numbers *= 1.0 / a
        product *= factor
    return product
