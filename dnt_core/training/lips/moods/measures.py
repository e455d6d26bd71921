r"""How well expressions are read from a voice: on held-out phrases of the actor, and on CREMA-D's people."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import torch

from dnt_core.audio.voice_expression import SURE, ProsodyNetwork, is_sure, read_expression
from dnt_core.ciec import EXPRESSIONS, NEUTRAL
from dnt_core.clips.sound import SAMPLE_RATE, read_audio
from dnt_core.training.lips.moods.phrases import MoodPhrases

CREMA_D_TYPES = {
    "ANG": "angry",
    "DIS": "disgusted",
    "FEA": "fear",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
_CREMA_D_NAME = re.compile(r"^\d{4}_[A-Z]{3}_(ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX)$")


def measure_moods(network: ProsodyNetwork, data: MoodPhrases, sure: float = SURE) -> dict[str, float]:
    r"""How well types and intensities are read.

    Args:
        network: that reads.
        data: phrases whose type and intensity are known.
        sure: see :func:`~dnt_core.audio.voice_expression.read_expression`.

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
    right, certain = chances.argmax(1) == kinds, is_sure(chances, familiar, sure)
    present = np.unique(kinds)
    per_type = {EXPRESSIONS[k]: float(right[kinds == k].mean()) for k in present}
    moved, full = kinds != NEUTRAL, (intensity >= 0.6) | (kinds == NEUTRAL)
    made = {
        "accuracy": float(np.mean(list(per_type.values()))),
        "chance": 1.0 / len(present),
        "always_neutral": float(NEUTRAL in present) / len(present),
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
