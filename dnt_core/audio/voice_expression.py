r"""Expression from the voice (section 1): the type and intensity of each phrase, as a path over time.

It says "not sure" where its best guess is not clearly ahead, or where the voice is unlike all that it has
learnt from; such a phrase is left neutral. The shipped
network has learnt moods from the built-in actor's voice alone, whose moods follow what reviews of emotional
speech agree on. How far it reads people is for the user to measure:
:func:`~dnt_core.training.lips.moods.evaluate_crema_d`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from dnt_core.audio.prosody import FEATURES, phrases, prosody_features
from dnt_core.audio.sound_stream import to_16_khz
from dnt_core.checkpoint import read_checkpoint, to_be_filled
from dnt_core.ciec import EXPRESSIONS, NEUTRAL
from dnt_core.ciec_path import CIECPath, KeyPoint
from dnt_core.clips.sound import SAMPLE_RATE, check_samples
from dnt_core.paths import version_of, weights_folder

SHIPPED = "expression_from_voice.safetensors"  # in dnt_core.paths.weights_folder()
SURE = 0.6  # probability from which a type is believed
_FAMILIAR = 0.95  # share of the training's phrases that count as familiar
_RISE = 0.35  # s in which an expression comes and goes


@dataclass(frozen=True)
class PhraseExpression:
    r"""What was read from one phrase.

    Args:
        start: s.
        end: s.
        type: one of :data:`~dnt_core.ciec.EXPRESSIONS`, or None: not sure.
        intensity: [0, 1]; 0 where neutral or not sure.
        probabilities: of the eight types, by name.
        familiar: whether the network has heard voices like this one.
    """

    start: float
    end: float
    type: str | None
    intensity: float
    probabilities: dict[str, float]
    familiar: bool = True

    def __str__(self) -> str:
        best = max(self.probabilities, key=self.probabilities.__getitem__)
        why = f"perhaps {best}" if self.familiar else f"an unfamiliar voice, perhaps {best}"
        said = f"{self.type} {self.intensity:.2f}" if self.type else f"not sure ({why})"
        return f"{self.start:.2f}-{self.end:.2f} s: {said}, {self.probabilities[best]:.0%}"


class ProsodyNetwork(nn.Module):
    r"""Features of a phrase → logits of the eight types and an intensity.

    Args:
        width: of the hidden layers.
    """

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self.width = width
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("spread", torch.ones(FEATURES))
        self.register_buffer("whitening", torch.eye(FEATURES))
        self.register_buffer("farthest", torch.tensor(float("inf")))
        self.layers = nn.Sequential(
            nn.Linear(FEATURES, width), nn.GELU(), nn.Dropout(0.2),
            nn.Linear(width, width), nn.GELU(), nn.Dropout(0.2),
        )  # fmt: skip
        self.types = nn.Linear(width, len(EXPRESSIONS))
        self.intensity = nn.Linear(width, 1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        r"""(B, FEATURES) → logits (B, 8), intensity (B,) in [0, 1]."""
        hidden = self.layers(((features - self.mean) / self.spread).clamp(-4.0, 4.0))
        return self.types(hidden), torch.sigmoid(self.intensity(hidden))[:, 0]

    def is_familiar(self, features: Tensor) -> Tensor:
        r"""(B, FEATURES) → (B,) bool: no farther from the training's phrases than most of them are."""
        return self._distance(features) <= self.farthest

    def remember_voices(self, features: Tensor) -> None:
        r"""Keeps what the phrases of a training (N, FEATURES) are like, after ``mean`` and ``spread``."""
        heard = ((features - self.mean) / self.spread).double()
        spread = heard.T.cov() + 0.05 * torch.eye(FEATURES, dtype=torch.float64)
        self.whitening.copy_(torch.linalg.inv(torch.linalg.cholesky(spread)))
        self.farthest.copy_(torch.quantile(self._distance(features), _FAMILIAR))

    def _distance(self, features: Tensor) -> Tensor:
        """Of Mahalanobis, per feature."""
        heard = (features - self.mean) / self.spread
        return (heard @ self.whitening.T).square().mean(-1).sqrt()


def load_prosody_network(path: str | os.PathLike | None = None) -> ProsodyNetwork:
    r"""The network of a weights file, ready to use; read once, and anew where the file has changed.

    Raises:
        FileNotFoundError, ValueError: no such file, or not one of this network.
    """
    return _prosody_network(*version_of(weights_folder() / SHIPPED if path is None else path))


@lru_cache(maxsize=4)
def _prosody_network(path: Path, changed: int, size: int) -> ProsodyNetwork:
    held = read_checkpoint(path)
    if "network" not in held.states or held.notes.get("features") != FEATURES:
        raise ValueError(f"{path} holds no network of {FEATURES} features of prosody")
    with to_be_filled():
        network = ProsodyNetwork(int(held.notes["width"])).float()
        for name in ("whitening", "farthest"):  # older files have none: no voice is unfamiliar to them
            held.states["network"].setdefault(name, network.state_dict()[name])
        held.restore(network=network)
    return network.eval().requires_grad_(False)


def is_sure(chances: np.ndarray, familiar: np.ndarray, sure: float = SURE) -> np.ndarray:
    r"""(N,) bool: phrases whose likeliest of the types (N, 8) reaches ``sure``, in a familiar voice (N,)."""
    return (chances.max(1) >= sure) & familiar


def read_expression(
    sound: np.ndarray, rate: int, network: ProsodyNetwork | None = None, sure: float = SURE
) -> list[PhraseExpression]:
    r"""Reads type and intensity of every phrase of a sound.

    Args:
        sound: (N,) floating, mono, in [-1, 1].
        rate: Hz.
        network: instead of the shipped one.
        sure: probability below which a phrase is "not sure", [0, 1]; higher: fewer and surer readings. At 0
            there is a reading of every phrase, of an unfamiliar voice too.

    Returns:
        One reading per phrase, in order of time; phrases that are too short or have no voice are left out.

    Raises:
        ValueError: a sound that is empty, not floating or not finite; a rate out of range.
    """
    network = network or load_prosody_network()
    samples = check_samples(sound, "the sound")
    seconds = len(samples) / rate  # resampled sound may be a part of a sample longer
    samples = to_16_khz(samples, rate)
    spans, rows = [], []
    for start, end in phrases(samples):
        row = prosody_features(samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)])
        if row is not None:
            spans.append((start, min(end, seconds)))
            rows.append(row)
    if not rows:
        return []
    features = torch.from_numpy(np.stack(rows))
    with torch.inference_mode():
        logits, intensity = network(features)
        familiar = network.is_familiar(features).numpy()
    chances = torch.softmax(logits, 1).numpy()
    given = is_sure(chances, familiar, sure) | (sure == 0)
    made = []
    for (start, end), row, strength, known, believed in zip(
        spans, chances, intensity.numpy(), familiar, given, strict=True
    ):
        best = int(row.argmax())
        name = EXPRESSIONS[best] if believed else None
        shown = 0.0 if name is None or best == NEUTRAL else float(np.clip(strength, 0.0, 1.0))
        chance = {e: float(p) for e, p in zip(EXPRESSIONS, row, strict=True)}
        made.append(PhraseExpression(start, end, name, shown, chance, bool(known)))
    return made


def auto_path(readings: Sequence[PhraseExpression]) -> CIECPath:
    r"""The readings as a path in seconds, which changes its type only at zero intensity.

    An expression rises over 0.35 s from the start of its phrase, is held, and falls to zero at the end,
    unless the next phrase has the same type.

    Args:
        readings: of :func:`read_expression`, in order of time.
    """
    shown = [r for r in readings if r.type not in (None, "neutral") and r.intensity > 0.02]
    points: list[KeyPoint] = []
    for k, r in enumerate(shown):
        rise = min(_RISE, 0.4 * (r.end - r.start))
        begins = k > 0 and shown[k - 1].type == r.type and _follows(readings, shown[k - 1], r)
        ends = not (
            k + 1 < len(shown) and shown[k + 1].type == r.type and _follows(readings, r, shown[k + 1])
        )
        if not begins:
            points.append(KeyPoint(r.start, r.type, 0.0))
        level = round(r.intensity, 3)  # the path is shown, and may be written again by hand
        points += [KeyPoint(r.start + rise, r.type, level), KeyPoint(r.end - rise, r.type, level)]
        if ends:
            points.append(KeyPoint(r.end, r.type, 0.0))
    return CIECPath(tuple(points) or (KeyPoint(0.0, "neutral", 0.0),), in_seconds=True)


def _follows(readings: Sequence[PhraseExpression], first: PhraseExpression, second: PhraseExpression) -> bool:
    between = readings.index(second) - readings.index(first)
    return between == 1 and second.start - first.end < 1.0
