r"""Training of expression from the voice on the actor's moods, and its measurement on CREMA-D's people."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from dnt_core.actor.speech import VOICES, Sentence, Voice, synthesize
from dnt_core.atomic_write import atomic_path
from dnt_core.audio.prosody import FEATURES, phrases, prosody_features
from dnt_core.audio.voice_expression import SURE, ProsodyNetwork, read_expression
from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.sound import SAMPLE_RATE, read_audio
from dnt_core.training.lips.augmentation import recorded
from dnt_core.training.lips.shards import HELD_OUT_ACTOR
from dnt_core.training.lips.spoken import arpabet_sentence
from dnt_core.training.lips.texts import english_text

_NEUTRAL = EXPRESSIONS.index("neutral")
_NEUTRAL_UP_TO = 0.12  # intensity below which a mood is called neutral in training
CREMA_D_TYPES = {
    "ANG": "angry",
    "DIS": "disgusted",
    "FEA": "fear",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
_CREMA_D_NAME = re.compile(r"^\d{4}_[A-Z]{3}_(ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX)$")


@dataclass(frozen=True)
class MoodConfig:
    r"""Everything that decides a training.

    Args:
        phrases: the actor's, in training; each sentence is heard twice, clean and as a recording.
        steps: updates.
        batch_size: phrases in an update.
        learning_rate: of AdamW; falls as a cosine.
        width: of the network.
        seed: of voices, words and weights.
    """

    phrases: int = 3000
    steps: int = 1000
    batch_size: int = 256
    learning_rate: float = 2e-3
    width: int = 96
    seed: int = 0


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
        intensity = 0.0 if kind == _NEUTRAL else float(generator.uniform(0.15, 1.0))
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
                    strength = 0.0 if kind == _NEUTRAL else intensity
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


def train_moods(
    data: MoodPhrases, config: MoodConfig = MoodConfig(), progress: Callable[[int], None] | None = None
) -> ProsodyNetwork:
    r"""Trains the network; a minute at most, so it starts anew rather than resume.

    Args:
        data: of :func:`acted_phrases`.
        config: everything else.
        progress: called with the number of steps done.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = ProsodyNetwork(config.width)
        features, kinds = torch.from_numpy(data.features), torch.from_numpy(data.type)
        intensity = torch.from_numpy(data.intensity)
        kinds = torch.where(intensity < _NEUTRAL_UP_TO, _NEUTRAL, kinds)
        network.mean.copy_(features.mean(0))
        network.spread.copy_(features.std(0) + 1e-3)
        network.remember_voices(features)
        optimizer = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=0.05)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config.steps)
        for step in range(config.steps):
            rows = torch.randint(len(features), (config.batch_size,))
            noisy = features[rows] + 0.1 * network.spread * torch.randn(config.batch_size, FEATURES)
            logits, strength = network(noisy)
            # a faint mood is nearly neutral: its share of the truth is the mood's, the rest neutral's
            share = (intensity[rows] / 0.35).clamp(0.0, 1.0)[:, None]
            truth = share * F.one_hot(kinds[rows], 8) + (1 - share) * F.one_hot(
                torch.full_like(rows, _NEUTRAL), 8
            )
            loss = F.cross_entropy(logits, truth, label_smoothing=0.02)
            loss = loss + 2.0 * F.smooth_l1_loss(strength, intensity[rows], beta=0.2)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            if progress is not None:
                progress(step + 1)
    return network.eval().requires_grad_(False)


def measure_moods(network: ProsodyNetwork, data: MoodPhrases, sure: float = SURE) -> dict[str, float]:
    r"""How well types and intensities are read.

    Returns:
        ``accuracy`` over types, each counted alike, beside ``chance`` and ``always_neutral`` (both 1/8 so);
        ``accuracy.<type>``; ``sure`` the share of phrases it is sure of, ``accuracy_when_sure``, of those;
        ``familiar`` the share of phrases in voices like those that it has learnt from;
        ``accuracy_full`` at intensities from 0.6 on; ``intensity_correlation`` and ``intensity_error`` of the
        phrases that are not neutral.
    """
    features = torch.from_numpy(data.features)
    with torch.inference_mode():
        logits, strength = network(features)
        familiar = network.is_familiar(features).numpy()
    chances = torch.softmax(logits, 1).numpy()
    return _report(chances, strength.numpy(), data.type, data.intensity, familiar, sure)


def _report(chances, strength, kinds, intensity, familiar, sure: float) -> dict[str, float]:
    right, certain = chances.argmax(1) == kinds, (chances.max(1) >= sure) & familiar
    present = np.unique(kinds)
    per_type = {EXPRESSIONS[k]: float(right[kinds == k].mean()) for k in present}
    moved, full = kinds != _NEUTRAL, (intensity >= 0.6) | (kinds == _NEUTRAL)
    made = {
        "accuracy": float(np.mean(list(per_type.values()))),
        "chance": 1.0 / len(present),
        "always_neutral": float(_NEUTRAL in present) / len(present),
        **{f"accuracy.{name}": value for name, value in per_type.items()},
        "accuracy_full": float(
            np.mean([right[full & (kinds == k)].mean() for k in present if (full & (kinds == k)).any()])
        ),
        "sure": float(certain.mean()),
        "accuracy_when_sure": float(right[certain].mean()) if certain.any() else 0.0,
        "familiar": float(familiar.mean()),
        "phrases": len(kinds),
    }
    if moved.any() and np.std(intensity[moved]) > 0:
        made["intensity_correlation"] = float(np.corrcoef(strength[moved], intensity[moved])[0, 1])
        made["intensity_error"] = float(np.abs(strength - intensity)[moved].mean())
    return made


def evaluate_crema_d(
    folder: str | os.PathLike,
    network: ProsodyNetwork | None = None,
    limit: int | None = None,
    sure: float = SURE,
) -> dict[str, float]:
    r"""The same on the sound of CREMA-D, where the user has it: people whom no training heard.

    Args:
        folder: of CREMA-D; every wav, mp3, flv or mp4 below it that is named like ``1001_IEO_HAP_HI``.
        network: instead of the shipped one.
        limit: files at most, evenly spread; None: all.
        sure: see :func:`~dnt_core.audio.voice_expression.read_expression`.

    Returns:
        As :func:`measure_moods`, intensities being LO, MD, HI → 0.33, 0.67, 1 where a file says them.
        Surprise and contempt are not among CREMA-D's types and count as wrong.

    Raises:
        ValueError: no such file in the folder, or none in which a phrase was found.
    """
    files = sorted(
        p for p in Path(folder).rglob("*")
        if p.suffix.lower() in (".wav", ".mp3", ".flv", ".mp4") and _CREMA_D_NAME.match(p.stem)
    )  # fmt: skip
    if not files:
        raise ValueError(f"{folder} has no sound named like CREMA-D's (1001_IEO_HAP_HI.wav)")
    if limit is not None and limit < len(files):
        files = [files[int(k)] for k in np.linspace(0, len(files) - 1, limit)]
    levels, rows = {"LO": 0.33, "MD": 0.67, "HI": 1.0, "XX": 0.67}, []
    for path in files:
        kind, level = _CREMA_D_NAME.match(path.stem).groups()
        readings = read_expression(read_audio(path), SAMPLE_RATE, network, sure=0.0)
        if readings:
            longest = max(readings, key=lambda r: r.end - r.start)
            chance = [longest.probabilities[e] for e in EXPRESSIONS]
            name = CREMA_D_TYPES[kind]
            rows.append(
                (
                    chance,
                    longest.intensity,
                    EXPRESSIONS.index(name),
                    0.0 if name == "neutral" else levels[level],
                    longest.familiar,
                )
            )
    if not rows:
        raise ValueError(f"no phrase was found in the {len(files)} sounds of {folder}")
    chances, strength, kinds, intensity, familiar = map(np.array, zip(*rows, strict=True))
    return _report(chances, strength, kinds, intensity, familiar, sure) | {"files": len(files)}


def config_notes(config: MoodConfig) -> dict:
    r"""For the record beside the weights."""
    return asdict(config)
