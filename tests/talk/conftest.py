r"""A short clip of the actor at rest, the shipped 128-px face in it, and lips that only hear loudness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

WEIGHTS = Path(__file__).parents[2] / "weights" / "generator_M003_128.safetensors"


class LoudnessLips:
    r"""Loudness → jaw, heard block by block; ``heard`` counts the samples so far."""

    face_model = "procedural"
    key = "loudness"

    def __init__(self):
        from dnt_core.face3d.procedural.bases import movements_to_expression
        from dnt_core.face3d.procedural.movements import movement_weights

        self.jaw = movements_to_expression(movement_weights({"jawOpen": 0.3})).astype(np.float32)
        self.heard = 0

    def stream(self, rate, fps):
        return _Stream(self, rate, fps)


class _Stream:
    def __init__(self, lips, rate, fps):
        self.lips, self.step, self.made = lips, rate / fps, 0
        self.sound = np.zeros(0, np.float32)

    def feed(self, block):
        self.lips.heard += len(block)
        self.sound = np.concatenate([self.sound, block])
        return self._rows(int(len(self.sound) / self.step))

    def finish(self, frames):
        self.sound = np.pad(self.sound, (0, round(2 * self.step)))
        return self._rows(frames)

    def _rows(self, end):
        spans = [(round(k * self.step), round((k + 1) * self.step)) for k in range(self.made, end)]
        self.made = max(self.made, end)
        loud = np.array([min(1, 4 * np.abs(self.sound[a:b]).max(initial=0)) for a, b in spans], np.float32)
        return loud.reshape(-1, 1) * self.lips.jaw


@pytest.fixture
def loudness():
    return LoudnessLips()


@pytest.fixture(scope="session")
def short_clip():
    from dnt_core.talking import idle_clip

    return idle_clip("M003", 128, seconds=1.6)


@pytest.fixture(scope="session")
def face(short_clip):
    from dnt_core.talking import SpeakingFace

    return SpeakingFace(WEIGHTS, short_clip, closed=True)


@pytest.fixture
def speech():
    r"""(samples, rate) of the actor's shortest words: about a second."""
    from dnt_core.actor.speech import PHRASES, synthesize

    said = min((synthesize(phrase) for phrase in PHRASES), key=lambda s: len(s.waveform))
    return said.waveform, said.sample_rate
