r"""What prepare.py left, and the weights of both recipes."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from dnt_core.networks.generator import Generator
from dnt_core.paths import weights_folder
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_weights import load_generator

ACTORS = ("M003", "W009", "M011")
LAST_ROUND = 5
FEW = "old, few clips"


def film_of(work: Path, actor: str) -> tuple[GeneratorData, dict[str, np.ndarray]]:
    r"""A person's prepared clips, and the rows that train and test."""
    found = json.loads((work / f"{actor}.json").read_text())
    clips: Any = [SimpleNamespace(**label) for label in found["clips"]]
    data = GeneratorData(clips, [work / "prepared" / actor / clip.file for clip in clips])
    return data, {name: np.array(rows) for name, rows in found["rows"].items()}


def old_weights(work: Path, actor: str, few: bool = False, number: int = LAST_ROUND) -> Path:
    r"""The file of a round of train.py, from 1."""
    return work / "weights" / (f"{actor}_few" if few else actor) / f"round{number}.safetensors"


def trained(work: Path) -> list[str]:
    r"""The people whose old weights are there."""
    return [actor for actor in ACTORS if old_weights(work, actor).exists()]


def generators_of(work: Path, actor: str) -> dict[str, Generator]:
    r"""The old recipe's generator and the shipped one, and the old one of few clips where it was trained."""
    files = {
        "old": old_weights(work, actor),
        "new": weights_folder() / f"generator_{actor}_128.safetensors",
        FEW: old_weights(work, actor, few=True),
    }
    return {name: load_generator(file)[0] for name, file in files.items() if name != FEW or file.exists()}
