r"""Tiny real clips, written by the tests themselves."""

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.clips.mead_folder import MeadFolder, write_stock


def smooth_frames(count: int = 12, height: int = 64, width: int = 64, seed: int = 0) -> np.ndarray:
    r"""Smooth colour waves that drift, (T, H, W, 3) uint8; red rises with time, to tell frames apart."""
    phase = np.random.default_rng(seed).uniform(0, 6, 3)
    row, column = np.mgrid[0:height, 0:width] / max(height, width)
    frames = []
    for t in range(count):
        red = 0.3 + 0.02 * t + 0.1 * np.sin(3 * column + 2 * row + phase[0])
        green = 0.5 + 0.3 * np.cos(4 * column * row + phase[1] + t / 15)
        blue = 0.4 + 0.3 * np.sin(5 * row - column + phase[2])
        frames.append(np.stack([red, green, blue], -1))
    return (np.stack(frames) * 255).round().clip(0, 255).astype(np.uint8)


def tone(seconds: float, rate: int = 16000, hertz: float = 300) -> np.ndarray:
    r"""A tone that is switched on and off, (N,) float32."""
    t = np.arange(round(seconds * rate)) / rate
    return (0.4 * np.sin(2 * np.pi * hertz * t) * (np.sin(2 * np.pi * 3 * t) > 0)).astype(np.float32)


@pytest.fixture
def frames() -> np.ndarray:
    return smooth_frames()


@pytest.fixture
def make_frames():
    return smooth_frames


@pytest.fixture
def make_tone():
    return tone


@pytest.fixture(scope="session")
def _stock(tmp_path_factory):
    return write_stock(tmp_path_factory.mktemp("stock"), smooth_frames(), tone(0.4))


@pytest.fixture
def mead(tmp_path, _stock) -> MeadFolder:
    return MeadFolder(tmp_path / "MEAD", _stock)
