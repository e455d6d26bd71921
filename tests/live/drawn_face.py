r"""A face that costs what it is told to and whose pixels say exactly what was asked for."""

from __future__ import annotations

import time

import numpy as np

from dnt_core.ciec import EXPRESSIONS, decode


class DrawnFace:
    r"""A disc; its colour is (intensity high byte, intensity low byte, type and frame)."""

    def __init__(self, size=256, n_frames=75, fps=30.0, cost_ms=0.0, sound=True):
        self.size, self.n_frames, self.fps, self.cost_ms = size, n_frames, fps, cost_ms
        moments = np.arange(round(16_000 * n_frames / fps)) / 16_000
        tone = 0.4 * np.sin(2 * np.pi * 220 * moments) * np.abs(np.sin(2 * np.pi * moments))
        self.audio = (tone.astype(np.float32), 16_000) if sound else None
        rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
        self._disc = rows**2 + columns**2 < (0.45 * size) ** 2

    def __call__(self, expression="neutral", intensity=0.0, frame=0, pose=(0, 0, 0), *, ciec=None):
        if self.cost_ms:
            time.sleep(self.cost_ms / 1000)
        if ciec is not None:
            expression, intensity = decode(ciec)
        picture = np.full((self.size, self.size, 3), 40, np.uint8)
        picture[self._disc] = color_of(expression, intensity, frame)
        return picture

    def inside(self, what, expression, intensity, frame=0, pose=(0, 0, 0)):
        return 255 - self(expression, intensity, frame, pose)


def color_of(expression, intensity, frame=0):
    level = round(intensity * 65_535)
    return level >> 8, level & 255, EXPRESSIONS.index(expression) * 32 + frame % 32


class BrokenFace(DrawnFace):
    def __call__(self, expression, intensity, frame=0, pose=(0, 0, 0), *, ciec=None):
        if expression == "fear" and intensity > 0.99:
            time.sleep(6)  # longer than a page waits
        if expression == "sad":
            raise RuntimeError("the weights have no tears")
        return super().__call__(expression, intensity, frame, pose)
