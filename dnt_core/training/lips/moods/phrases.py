r"""Phrases that the actor says in moods, as features of prosody: to train on, and held out to measure on."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dnt_core.actor.speech import VOICES, Sentence, Voice, synthesize
from dnt_core.atomic_write import atomic_path
from dnt_core.audio.prosody import phrases, prosody_features
from dnt_core.ciec import EXPRESSIONS, NEUTRAL
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.training.lips.augmentation import recorded
from dnt_core.training.lips.shards import HELD_OUT_ACTOR
from dnt_core.training.lips.spoken import arpabet_sentence
from dnt_core.training.lips.texts import english_text


@dataclass(frozen=True, eq=False)
class MoodPhrases:
    r"""Phrases as features.

    Attributes:
        features: (N, FEATURES) float32.
        type: (N,) int64 index into EXPRESSIONS.
        intensity: (N,) float32.
        sentence: (N,) int64 number of the sentence that is said, or None.
    """

    features: np.ndarray
    type: np.ndarray
    intensity: np.ndarray
    sentence: np.ndarray | None = None


def acted_phrases(
    count: int,
    seed: int,
    path: str | os.PathLike | None = None,
    progress: Callable[[int], None] | None = None,
) -> MoodPhrases:
    r"""Sentences of the actor in voices, moods and recordings of chance, for training.

    Args:
        count: phrases.
        seed: of everything.
        path: ``.npz`` to read them from, if it is there, and to write them to.
        progress: called with the number of phrases done.
    """
    if path is not None and Path(path).exists():
        with np.load(path, allow_pickle=False) as kept:
            return MoodPhrases(kept["features"], kept["type"], kept["intensity"])
    generator, rows = np.random.default_rng([seed, 31]), []
    while len(rows) < count:
        kind = int(generator.integers(len(EXPRESSIONS)))
        intensity = 0.0 if kind == NEUTRAL else float(generator.uniform(0.15, 1.0))
        sentence = arpabet_sentence(english_text(generator))
        speech = _acted(sentence, _some_voice(generator), EXPRESSIONS[kind], intensity, generator)
        for clean in (True, False):
            row = _heard(speech, generator, clean)
            if row is not None and len(rows) < count:
                rows.append((row, kind, intensity))
        if progress is not None:
            progress(len(rows))
    made = _stacked(rows)
    if path is not None:
        with atomic_path(path) as part:
            np.savez(part, **vars(made))
    return made


def held_out_phrases(seed: int = 1, sentences: Sequence[Sentence] = HELD_OUT_ACTOR) -> MoodPhrases:
    r"""Held-out sentences in the three people's voices, all types at 0.33, 0.67 and 1, neutral as often.

    Args:
        seed: of moods and recordings.
        sentences: fewer of the held-out ones are quicker.
    """
    generator, rows, said = np.random.default_rng([seed, 32]), [], []
    for number, sentence in enumerate(sentences):
        for voice in VOICES.values():
            for kind, name in enumerate(EXPRESSIONS):
                for intensity in (0.33, 0.67, 1.0):
                    strength = 0.0 if kind == NEUTRAL else intensity
                    speech = _acted(sentence, voice, name, strength, generator)
                    row = _heard(speech, generator, clean=generator.random() < 0.5)
                    if row is not None:
                        rows.append((row, kind, strength))
                        said.append(number)
    return replace(_stacked(rows), sentence=np.array(said))


def _stacked(rows) -> MoodPhrases:
    features, kinds, intensities = zip(*rows, strict=True)
    return MoodPhrases(np.stack(features), np.array(kinds), np.array(intensities, np.float32))


def _some_voice(generator: np.random.Generator) -> Voice:
    f0 = float(np.exp(generator.uniform(np.log(75.0), np.log(260.0))))
    scale = float(np.clip(1.0 + 0.2 * np.log2(f0 / 118.0) + generator.normal(0, 0.04), 0.85, 1.35))
    return Voice(
        f0=f0, formant_scale=scale, breathiness=float(generator.uniform(0.02, 0.2)),
        f0_range=float(generator.uniform(0.7, 1.3)), jitter=float(generator.uniform(0.004, 0.01)),
        rate=float(generator.uniform(0.8, 1.25)),
    )  # fmt: skip


def _acted(
    sentence: Sentence, voice: Voice, name: str, intensity: float, generator: np.random.Generator
) -> np.ndarray:
    return synthesize(sentence, int(generator.integers(2**31)), voice, name, intensity).waveform


def _heard(speech: np.ndarray, generator: np.random.Generator, clean: bool) -> np.ndarray | None:
    r"""The features of the longest phrase of a recording."""
    sound = recorded(speech, generator, clean)
    spans = phrases(sound)
    if not spans:
        return None
    start, end = max(spans, key=lambda span: span[1] - span[0])
    return prosody_features(sound[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)])
