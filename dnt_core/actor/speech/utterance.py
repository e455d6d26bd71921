r"""A sentence once said: its sound and its sounds in time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .sentences import Sentence
from .timeline import SAMPLE_RATE, frame_count, sample_count
from .timing import Segment, segment_sentence
from .voice import Voice


@dataclass(frozen=True, eq=False)
class Speech:
    r"""A synthesised sentence.

    Args:
        sentence: what is said.
        waveform: (N,) float32 in [-1, 1], mono, 16 kHz.
        segments: sounds in time, without gaps, silence first and last.
        voice: whose voice.
        expression: the mood's type.
        intensity: the mood's intensity, 0..1.
        seed: of everything that is left to chance.
        sample_rate: Hz.
    """

    sentence: Sentence
    waveform: np.ndarray
    segments: tuple[Segment, ...]
    voice: Voice
    expression: str
    intensity: float
    seed: int
    sample_rate: int = SAMPLE_RATE

    @property
    def phonemes(self) -> list[tuple[str, float, float]]:
        r"""(symbol, start, end) of every sound, in s."""
        return [(s.symbol, s.start, s.end) for s in self.segments]

    @property
    def duration(self) -> float:
        r"""Seconds of sound, silences and padding included."""
        return self.waveform.size / self.sample_rate

    def n_frames(self, fps: float) -> int:
        r"""How many frames at `fps` cover the sound; frame i shows time i / fps.

        Args:
            fps: frames per second, above 0.
        """
        return frame_count(self.duration, fps)

    def fitted(self, fps: float, n_frames: int | None = None) -> Speech:
        r"""The same speech with a sound exactly as long as a clip.

        Args:
            fps: frames per second, > 0.
            n_frames: of the clip, or None for as many as cover the sound; what is too long is filled with
                silence.

        Returns:
            Speech with `waveform` of `sample_count(n_frames, fps)` samples.

        Raises:
            ValueError: the clip ends before the last sound does, or fps is not positive.
        """
        n_frames = self.n_frames(fps) if n_frames is None else n_frames
        samples = sample_count(n_frames, fps, self.sample_rate)
        spoken_until = max((s.end for s in self.segments if s.phoneme.kind != "silence"), default=0.0)
        if samples < round(spoken_until * self.sample_rate):
            raise ValueError(
                f"{n_frames} frames at {fps:g} fps last {n_frames / fps:.3f} s, but "
                f"{self.sentence.text!r} is spoken until {spoken_until:.3f} s"
            )
        waveform = np.zeros(samples, np.float32)
        kept = min(samples, self.waveform.size)
        waveform[:kept] = self.waveform[:kept]
        return replace(self, waveform=waveform)


def unsounded(
    sentence: Sentence, seed: int, voice: Voice, expression: str = "neutral", intensity: float = 0.0
) -> Speech:
    r"""What ``synthesize`` gives for the same arguments, but silent: the mouth needs no more.

    Args:
        sentence: what is said.
        seed: of the timing.
        voice: who says it.
        expression: in which it is said, one of ``EXPRESSIONS``.
        intensity: of the expression, in [0, 1].
    """
    segments = segment_sentence(sentence, seed, voice.rate)
    silence = np.zeros(round(segments[-1].end * SAMPLE_RATE), np.float32)
    return Speech(sentence, silence, segments, voice, expression, float(intensity), seed)
