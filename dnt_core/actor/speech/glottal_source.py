r"""The voice before the mouth shapes it: glottal pulses with jitter, shimmer and creak."""

from __future__ import annotations

import numpy as np

from .timeline import SAMPLE_RATE

OVERSAMPLING = 4  # pulses are drawn at 64 kHz, so that their sharp closing does not alias


def glottal_pulses(
    f0: np.ndarray, open_quotient: float, jitter: float, creak: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    r"""Derivative of the glottal flow (what radiates from the mouth), and how open the glottis is.

    Polynomial pulse (Klatt & Klatt 1990, KLGLOTT88): over the open part $x \in [0, 1]$ of a cycle the flow is
    $u = \tfrac{27}{4}(x^2 - x^3)$, zero while the folds are closed.

    Args:
        f0: (N,) Hz at 16 kHz.
        open_quotient: share of a cycle in which the folds are open, 0.3..0.9.
        jitter: relative standard deviation of a cycle's length.
        creak: 0..1; every second cycle longer and weaker.
        rng: source of jitter and shimmer.

    Returns:
        Flow derivative scaled to about unit peak at 100 Hz, and the flow in [0, 1], both (N,).
    """
    from scipy.signal import resample_poly

    boundaries, k, duration = [0.0], 0, f0.size / SAMPLE_RATE
    while boundaries[-1] < duration:
        at = min(int(boundaries[-1] * SAMPLE_RATE), f0.size - 1)
        longer = 1 + jitter * np.clip(rng.standard_normal(), -2.5, 2.5) + 0.14 * creak * (-1) ** k
        boundaries.append(boundaries[-1] + longer / f0[at])
        k += 1
    shimmer = 4 * jitter * np.clip(rng.standard_normal(k), -2.5, 2.5)
    strength = np.clip(1 + shimmer + 0.35 * creak * (-1.0) ** np.arange(k), 0.1, 2.0)
    rate = SAMPLE_RATE * OVERSAMPLING
    phase = np.interp(np.arange(f0.size * OVERSAMPLING) / rate, boundaries, np.arange(k + 1))
    cycle = np.minimum(phase.astype(int), k - 1)
    x = np.minimum((phase - cycle) / open_quotient, 1.0)
    flow = 6.75 * (x**2 - x**3) * strength[cycle]
    derivative = np.diff(flow, prepend=0.0) * rate / (6.75 / open_quotient * 100.0)
    return resample_poly(derivative, 1, OVERSAMPLING), flow[::OVERSAMPLING]


def tilted(source: np.ndarray, tilt_db: float) -> np.ndarray:
    r"""A source with its upper spectrum lowered by a one-pole low-pass.

    Args:
        source: (N,).
        tilt_db: attenuation at 3 kHz in dB, >= 0.

    Returns:
        (N,), unity gain at 0 Hz.
    """
    if tilt_db <= 0.05:
        return source
    from scipy.signal import lfilter

    # |1 - a|^2 / |1 - a e^{-jw}|^2 = 10^(-tilt/10), solved for the pole a in (0, 1)
    power, cosine = 10.0 ** (tilt_db / 10.0), np.cos(2 * np.pi * 3000.0 / SAMPLE_RATE)
    half = (power - cosine) / (power - 1.0)
    pole = half - np.sqrt(half**2 - 1.0)
    return lfilter([1.0 - pole], [1.0, -pole], source)
