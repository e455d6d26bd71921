r"""What the network has to beat: the mean mouth, loudness that opens the jaw, and vowels told by their MFCC.

The last is the way of the lip-sync plug-ins of game engines (uLipSync, wLipSync): the cepstrum of a moment is
compared with that of a few vowels said in advance, loudness decides how far the mouth follows. It knows no
lips that close but in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.fft import dct

from dnt_core.actor.speech import VOICES
from dnt_core.actor.speech.phonemes import PHONEMES
from dnt_core.actor.speech.visemes import VISEMES
from dnt_core.audio.lips_network import LEVEL_REACH_FUTURE, LEVEL_REACH_PAST, relative_to_level, with_silence
from dnt_core.audio.mel import COLUMNS_PER_SECOND, MAX_VALUE, log_mel
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.training.lips.evaluation import true_movements
from dnt_core.training.lips.spoken import Spoken, arpabet_sentence, from_actor
from dnt_core.training.lips.texts import english_text

_VOWELS = ("AA", "IY", "UW", "EH", "OW")
_CEPSTRA = 12


def _columns(sound: np.ndarray, rate: int) -> np.ndarray:
    """(C, 80) level-free log-mel; the baselines get the sound at 16 kHz."""
    if rate != SAMPLE_RATE:
        raise ValueError(f"the baselines take sound at {SAMPLE_RATE} Hz, got {rate}")
    mel = torch.from_numpy(log_mel(sound).T.copy())
    return relative_to_level(with_silence(mel, LEVEL_REACH_PAST, LEVEL_REACH_FUTURE)).numpy()


def _loudness(columns: np.ndarray) -> np.ndarray:
    """(C,) smoothed over 60 ms, mel units against the level."""
    power = np.log(np.exp(columns * np.log(10) * 100 / (40 * MAX_VALUE)).mean(1))
    return np.convolve(np.pad(power, 2, mode="edge"), np.ones(5) / 5, "valid")


def _at_frames(columns: np.ndarray, fps: float, frames: int) -> np.ndarray:
    at = np.arange(frames) / fps * COLUMNS_PER_SECOND
    return np.stack([np.interp(at, np.arange(len(columns)), c) for c in columns.T], axis=1)


@dataclass(frozen=True, eq=False)
class Baselines:
    r"""The three, fitted to clips of the training's kind.

    Attributes:
        mean: (11,) movements of the mean mouth while somebody speaks.
        loudness_to_jaw: (2,) slope and offset.
        cepstra: (5, 12) of the vowels. spread: (12,) their standard deviations.
    """

    mean: np.ndarray
    loudness_to_jaw: np.ndarray
    cepstra: np.ndarray
    spread: np.ndarray

    def mean_mouth(self, sound: np.ndarray, rate: int, fps: float, frames: int) -> np.ndarray:
        r"""The mean, always."""
        return np.tile(self.mean, (frames, 1))

    def loudness(self, sound: np.ndarray, rate: int, fps: float, frames: int) -> np.ndarray:
        r"""The jaw opens as it is loud; all else is the mean mouth's, in proportion to the jaw."""
        slope, offset = self.loudness_to_jaw
        jaw = np.clip(slope * _loudness(_columns(sound, rate)) + offset, 0.0, 0.5)
        share = jaw / max(self.mean[LIP_MOVEMENTS.index("jawOpen")], 1e-6)
        return _at_frames(np.clip(share[:, None] * self.mean, 0.0, 1.0), fps, frames)

    def mfcc_vowels(self, sound: np.ndarray, rate: int, fps: float, frames: int) -> np.ndarray:
        r"""The nearest vowels by MFCC, as far as it is loud, smoothed over 60 ms."""
        columns = _columns(sound, rate)
        distance = (((_mfcc(columns)[:, None] - self.cepstra) / self.spread) ** 2).sum(-1)  # (C, 5)
        weight = np.exp(-0.5 * (distance - distance.min(1, keepdims=True)))
        weight /= weight.sum(1, keepdims=True)
        poses = np.array([[VISEMES[v][0].get(name, 0.0) for name in LIP_MOVEMENTS] for v in _VOWELS])
        volume = np.clip(1.0 + _loudness(columns) / 4.0, 0.0, 1.0)  # 35 dB down: shut
        made = volume[:, None] * (weight @ poses)
        kernel = np.ones(5) / 5
        made = np.stack([np.convolve(np.pad(c, 2, mode="edge"), kernel, "valid") for c in made.T], axis=1)
        return _at_frames(made, fps, frames)


def _mfcc(columns: np.ndarray) -> np.ndarray:
    return dct(columns, axis=1, norm="ortho")[:, 1 : _CEPSTRA + 1]


def fit_baselines(seed: int = 0, clips: Sequence[Spoken] | None = None) -> Baselines:
    r"""Fits the three to sentences of the built-in people's voices that are in the training's manner.

    Args:
        seed: of the sentences.
        clips: instead of such sentences, whose transcription needs espeak-ng.
    """
    generator = np.random.default_rng([seed, 77])
    if clips is None:
        clips = [
            from_actor(arpabet_sentence(english_text(generator)), voice, int(generator.integers(1000)))
            for voice in VOICES.values()
            for _ in range(8)
        ]
    movements, loud, cepstra = [], [], {v: [] for v in _VOWELS}
    for clip in clips:
        columns = _columns(clip.waveform, SAMPLE_RATE)
        movements.append(true_movements(clip, COLUMNS_PER_SECOND, len(columns))[0])
        loud.append(_loudness(columns))
        for column, symbol in zip(_mfcc(columns), _symbols(clip, len(columns)), strict=True):
            if symbol in cepstra:
                cepstra[symbol].append(column)
    movements, loud = np.concatenate(movements), np.concatenate(loud)
    jaw = movements[:, LIP_MOVEMENTS.index("jawOpen")]
    line = np.polyfit(np.clip(loud, -6.0, None), jaw, 1)
    spoken = loud > -5.0
    means = np.array([np.mean(cepstra[v], 0) for v in _VOWELS])
    spread = np.sqrt(np.mean([np.var(cepstra[v], 0) for v in _VOWELS], 0)) + 1e-3
    return Baselines(movements[spoken].mean(0), line, means, spread)


def _symbols(clip: Spoken, n: int) -> list[str]:
    starts = np.array([s.start for s in clip.segments])
    times = np.arange(n) / COLUMNS_PER_SECOND
    which = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, len(clip.segments) - 1)
    return [PHONEMES[clip.segments[k].symbol].symbol for k in which]
