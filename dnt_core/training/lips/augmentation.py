r"""What lies between a voice and a recording of it: speed, room, microphone, noise, telephone, level."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.signal import butter, lfilter, oaconvolve, resample_poly, sosfilt

from dnt_core.clips.sound import SAMPLE_RATE


def resampled(waveform: np.ndarray, factor: float) -> tuple[np.ndarray, float]:
    r"""A sound played slower or faster: length, pitch and formants change together.

    Args:
        waveform: (N,).
        factor: of the length, 0.5..2; higher: slower and lower.

    Returns:
        The sound and the factor that its length was truly multiplied with (a ratio of small integers).
    """
    ratio = Fraction(factor).limit_denominator(40)
    return resample_poly(waveform, ratio.numerator, ratio.denominator).astype(np.float32), float(ratio)


def in_a_room(waveform: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    r"""The sound in a simple room: direct sound, then exponentially fading noise; (N,) as given."""
    fading = generator.uniform(0.1, 0.6)  # s until the echo is 60 dB down
    n = int(fading * SAMPLE_RATE)
    response = generator.standard_normal(n) * 10.0 ** (-3.0 * np.arange(n) / n)
    response[: int(generator.uniform(0.001, 0.012) * SAMPLE_RATE)] = 0.0  # before the first wall answers
    response *= 10.0 ** (generator.uniform(-14.0, 0.0) / 20.0) / np.sqrt(np.sum(response**2) + 1e-12)
    response[0] = 1.0
    return oaconvolve(waveform, response)[: waveform.size].astype(np.float32)


def by_telephone(waveform: np.ndarray) -> np.ndarray:
    r"""The band from 300 to 3400 Hz at 8 kHz; (N,) as given."""
    narrow = sosfilt(butter(4, (300.0, 3400.0), "bandpass", fs=SAMPLE_RATE, output="sos"), waveform)
    return resample_poly(resample_poly(narrow, 1, 2), 2, 1)[: waveform.size].astype(np.float32)


def by_a_microphone(waveform: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    r"""A low cut, a slope and a resonance of chance; (N,) as given."""
    cut = butter(1, generator.uniform(20.0, 250.0), "highpass", fs=SAMPLE_RATE)
    heard = lfilter(*cut, waveform)
    slope = generator.uniform(-0.5, 0.5)
    heard = lfilter([1.0, slope], [1.0], heard)
    if generator.random() < 0.3:
        cutoff = generator.uniform(3000.0, 7500.0)
        heard = sosfilt(butter(4, cutoff, "lowpass", fs=SAMPLE_RATE, output="sos"), heard)
    return heard.astype(np.float32)


def noise(n: int, generator: np.random.Generator) -> np.ndarray:
    r"""Noise that is white, pink, brown or a hum, its level wandering; (n,) of unit power."""
    if generator.random() < 0.12:
        base = generator.choice([50.0, 60.0, 100.0, 120.0])
        times = np.arange(n) / SAMPLE_RATE
        made = sum(
            np.sin(2 * np.pi * base * k * times + generator.uniform(0, 6.28))
            / k ** generator.uniform(0.3, 1.5)
            for k in range(1, 9)
        )
    else:
        spectrum = np.fft.rfft(generator.standard_normal(n))
        frequencies = np.maximum(np.fft.rfftfreq(n, 1 / SAMPLE_RATE), 20.0)
        made = np.fft.irfft(spectrum * frequencies ** -generator.uniform(0.0, 1.0), n)
    if generator.random() < 0.4:
        knots = np.arange(0, n + 4000, 4000)
        made = made * 10.0 ** (np.interp(np.arange(n), knots, generator.normal(0, 4, knots.size)) / 20.0)
    return made / np.sqrt(np.mean(made**2) + 1e-12)


def music(n: int, generator: np.random.Generator) -> np.ndarray:
    r"""Chords and a beat that nobody sings; (n,) of unit power."""
    times, made = np.arange(n) / SAMPLE_RATE, np.zeros(n)
    beat = generator.uniform(0.2, 0.8)
    scale = generator.uniform(80.0, 300.0) * 2.0 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12, 16, 19]) / 12.0)
    partials, fading = int(generator.integers(1, 10)), generator.uniform(1.0, 12.0)
    for start in np.arange(0.0, n / SAMPLE_RATE, beat):
        begin = int(start * SAMPLE_RATE)
        t = times[begin : begin + int(1.5 * beat * SAMPLE_RATE)] - start
        envelope = np.exp(-fading * t) * np.minimum(1.0, t / 0.01)
        for f in generator.choice(scale, int(generator.integers(1, 4))):
            for k in range(1, partials + 1):
                if f * k < 7500:
                    made[begin : begin + t.size] += envelope * np.sin(2 * np.pi * f * k * t) / k
        if generator.random() < 0.4:
            made[begin : begin + t.size] += 0.5 * np.exp(-40 * t) * generator.standard_normal(t.size)
    return made / np.sqrt(np.mean(made**2) + 1e-12)


def recorded(speech: np.ndarray, generator: np.random.Generator, clean: bool = False) -> np.ndarray:
    r"""One recording of a voice; different draws differ in room, microphone, noise and level.

    Args:
        speech: (N,) float32, 16 kHz.
        generator: decides everything.
        clean: only the level changes.

    Returns:
        (N,) float32 in [-1, 1].
    """
    heard = speech
    if not clean:
        if generator.random() < 0.45:
            heard = in_a_room(heard, generator)
        if generator.random() < 0.6:
            heard = by_a_microphone(heard, generator)
        power = np.sqrt(np.mean(heard**2) + 1e-12)
        if generator.random() < 0.75:
            distance = generator.uniform(3.0, 45.0)
            heard = heard + power * 10.0 ** (-distance / 20.0) * noise(heard.size, generator)
        if generator.random() < 0.08:
            distance = generator.uniform(8.0, 25.0)
            heard = heard + power * 10.0 ** (-distance / 20.0) * music(heard.size, generator)
        if generator.random() < 0.15:
            heard = by_telephone(heard)
        if generator.random() < 0.1:  # a compressor
            heard = np.sign(heard) * np.abs(heard) ** generator.uniform(0.6, 0.95)
    level = generator.uniform(-45.0, -12.0)
    heard = heard * 10.0 ** (level / 20.0) / np.sqrt(np.mean(heard**2) + 1e-12)
    return np.clip(heard, -1.0, 1.0).astype(np.float32)
