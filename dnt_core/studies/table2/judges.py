r"""Who judges: two classifiers, a lip reader and a sync network, none of which knows any method's film."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from torch import nn

from dnt_core.checkpoint import read_checkpoint, to_be_filled, write_checkpoint
from dnt_core.clips import Clip
from dnt_core.clips.labelled_frames import TARGETS
from dnt_core.metrics.classifier_eval import PictureClassifiers
from dnt_core.metrics.classifier_fit import FitConfig, Normalise
from dnt_core.metrics.classifier_input import InputConfig
from dnt_core.metrics.expression_classifier import build_classifier
from dnt_core.metrics.lip_reader import LinearReader, LipReader
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.preprocessing import DataConfig, prepare_data

FIT = FitConfig("small", epochs=14, batch_size=16, learning_rate=4e-3, shift=3, brightness=0.2)
SEEN = 64  # px, what the classifiers look at


@dataclass(frozen=True)
class Judges:
    r"""The fitted judges.

    Attributes:
        classifiers: of type and level, each where the judges' clips have two or more.
        reader: of the mouth's landmarks; None where the judges' clips have none.
        notes: what they were fitted on, and how well they do on film.
    """

    classifiers: PictureClassifiers
    reader: LipReader | None
    notes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def fit(cls, data: GeneratorData, fit: FitConfig = FIT, notes: Mapping[str, Any] | None = None) -> Judges:
        r"""Fits them to all frames of some clips.

        Args:
            data: the judges' clips, prepared.
            fit: of the classifiers.
            notes: kept with them.
        """
        rows = np.arange(len(data))
        classifiers = PictureClassifiers.fit(data, rows, fit, min(SEEN, data.image_size))
        reader = LipReader.fit(data, rows) if has_landmarks(data) else None
        sizes = {"clips": len(data.clips), "frames": len(data), "image_size": data.image_size}
        return cls(classifiers, reader, {**sizes, **(notes or {})})

    def save(self, path: str | os.PathLike) -> Path:
        r"""Writes them into one safetensors file."""
        cut = self.classifiers.cut
        parts: dict[str, nn.Module] = {name: _half(net) for name, net in self.classifiers.nets.items()}
        notes = {
            "judges": self.notes,
            "network": "small",
            "cut": [cut.image_size, cut.render_size],
            "millimetres": self.reader.millimetres if self.reader else None,
        }
        if self.reader:
            parts["reader"] = _Linear(self.reader.ridge)
        return write_checkpoint(path, notes, **parts)

    @classmethod
    def load(cls, path: str | os.PathLike) -> Judges:
        r"""Reads what :meth:`save` wrote.

        Raises:
            FileNotFoundError: no such file.
            ValueError: it holds no judges.
        """
        found = read_checkpoint(path)
        if "judges" not in found.notes:
            raise ValueError(
                f"{path} holds no judges; it holds {', '.join(sorted(found.states)) or 'nothing'}"
            )
        nets: dict[str, nn.Module] = {}
        for name, classes in ((n, c) for n, c in TARGETS.items() if n in found.states):
            empty = np.zeros((1, 3, 8, 8), np.uint8)
            with to_be_filled():
                net = nn.Sequential(Normalise(empty), build_classifier(found.notes["network"], classes))
                nets[name] = net.float()
                found.restore(**{name: net})
            nets[name].eval()
        reader = None
        if found.notes["millimetres"] is not None:
            state = found.states["reader"]
            line = LinearReader(state["coef"].double().numpy(), state["intercept"].double().numpy())
            reader = LipReader(line, found.notes["millimetres"])
        return cls(PictureClassifiers(nets, InputConfig(*found.notes["cut"])), reader, found.notes["judges"])


def judge_data(clips: Sequence[Clip], folder: Path, image_size: int, progress: bool = True) -> GeneratorData:
    r"""The judges' clips, prepared once; the geometry is as reconstructed, and matters to the lip reader's
    windows alone."""
    return prepare_data(clips, folder, DataConfig(image_size=image_size), progress=progress)


def has_landmarks(data: GeneratorData) -> bool:
    r"""Whether every prepared clip holds landmarks."""

    def of(file: Path) -> bool:
        with safe_open(file, framework="np") as opened:
            return "landmarks" in opened.keys()

    return all(of(file) for file in data.files)


class _Linear(nn.Module):
    def __init__(self, reader: Any) -> None:
        super().__init__()
        self.register_buffer("coef", torch.from_numpy(np.asarray(reader.coef_)).float())
        self.register_buffer("intercept", torch.from_numpy(np.asarray(reader.intercept_)).float())


def _half(net: nn.Module) -> nn.Module:
    return copy.deepcopy(net).half()
