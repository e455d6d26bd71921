r"""The baselines of section 5.5: a neutral talking video first, its expression changed frame by frame then.

The first step is ours with a CIEC of zero, so that all methods have the same lips, pose and background; where
the paper has Wav2Lip. The second step sees an aligned crop of the face, and what it draws goes into the same
hole in the same background as everybody's.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dnt_core.checkpoint import read_checkpoint, to_be_filled, write_checkpoint
from dnt_core.ciec import LEVEL_INTENSITY, NEUTRAL
from dnt_core.metrics.copied_frames import into_hole
from dnt_core.networks.exprgan import ExprGANConfig, ExprGANGenerator, expression_code
from dnt_core.networks.generator import Generator
from dnt_core.networks.stargan import StarGANConfig, StarGANGenerator, domain_codes
from dnt_core.studies.table2.test_clips import Draw
from dnt_core.training.face_crops import crop_window
from dnt_core.training.generator_data import Batch

Edit = Callable[[Tensor, Tensor], Tensor]  # crops (B, 3, h, w) and CIECs (B, 7) → crops
NETWORKS = {"stargan": (StarGANGenerator, StarGANConfig), "exprgan": (ExprGANGenerator, ExprGANConfig)}
SECOND_STEPS = tuple(NETWORKS)


def neutral_video(generator: Generator) -> Draw:
    r"""The first step: the generator's neutral talking face, whatever expression is asked for."""
    return lambda batch: generator(batch.frame, torch.zeros_like(batch.ciec)).image


def in_two_steps(first: Draw, edit: Edit) -> Draw:
    r"""A first step's pictures, each with its face's crop edited."""

    return lambda batch: edited(first(batch), batch, edit)


def edited(made: Tensor, batch: Batch, edit: Edit) -> Tensor:
    r"""Pictures (B, 3, S, S) of a batch, their faces edited, in the holes of the true background."""
    window = crop_window(batch)
    return into_hole(window.paste(edit(window.cut(made).clamp(0, 1), batch.ciec), onto=made), batch.frame)


def types_and_levels(ciec: Tensor) -> tuple[Tensor, Tensor]:
    r"""CIECs (B, 7) → numbers of ``EXPRESSIONS`` (B,) and of the nearest filmed levels, 0 to 2, -1 for
    neutral (B,)."""
    value, which = ciec.max(1)
    levels = (value[:, None] - ciec.new_tensor(list(LEVEL_INTENSITY.values()))).abs().argmin(1)
    neutral = value < 1e-6
    return which.masked_fill(neutral, NEUTRAL), levels.masked_fill(neutral, -1)


def edit_of(name: str, network: Any) -> Edit:
    r"""How a network of :data:`NETWORKS` edits crops.

    StarGAN takes the nearest of the levels that it knows; ExprGAN takes the intensity as its code's length,
    and for neutral, which has none, half of it: the mean of what it saw in training.
    """
    if name == "stargan":
        return lambda crops, ciec: network(crops, domain_codes(*types_and_levels(ciec)))

    def edit(crops: Tensor, ciec: Tensor) -> Tensor:
        types, _ = types_and_levels(ciec)
        length = torch.where(types == NEUTRAL, 0.5, ciec.max(1).values)
        return network(crops, expression_code(types, length[:, None].expand(-1, network.config.code)))

    return edit


def save_second_step(path: str | os.PathLike, name: str, network: Any, made_with: dict[str, Any]) -> Path:
    r"""Writes a second step's generator in 16-bit floats with its sizes and how it was made."""
    notes = {"config": asdict(network.config), "made_with": made_with}
    return write_checkpoint(path, notes, **{name: copy.deepcopy(network).half()})


def load_second_step(path: str | os.PathLike) -> tuple[str, Any, dict[str, Any]]:
    r"""Its name in :data:`NETWORKS`, the network ready to use, and how it was made.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it holds neither network.
    """
    found = read_checkpoint(path)
    name = next((name for name in NETWORKS if name in found.states), None)
    if name is None or "config" not in found.notes:
        held = ", ".join(sorted(found.states)) or "nothing"
        raise ValueError(f"{path} holds no second step ({', '.join(NETWORKS)}); it holds {held}")
    network_class, config = NETWORKS[name]
    with to_be_filled():
        network = network_class(config(**found.notes["config"])).float()
        found.restore(**{name: network})
    return name, network.eval(), found.notes.get("made_with", {})
