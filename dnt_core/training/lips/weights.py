r"""Weights of the networks that listen, with their records, in files."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dnt_core.atomic_write import write_json
from dnt_core.audio.lips_network import LipsNetwork
from dnt_core.audio.prosody import FEATURES
from dnt_core.audio.voice_expression import ProsodyNetwork
from dnt_core.training.checkpoint import write_checkpoint


def save_lips_network(path: str | os.PathLike, network: LipsNetwork, made_with: Mapping[str, Any]) -> Path:
    r"""Writes a network from sound to lips in 16-bit floats, and beside it a ``.json`` of how it was made.

    The output that tells sounds apart is left out: only training needs it.

    Args:
        path: ends in ``.safetensors``.
        network: trained.
        made_with: command, seed, counts, metrics …
    """
    stored = LipsNetwork(network.width)
    kept = {k: v for k, v in network.state_dict().items() if not k.startswith("symbols.")}
    stored.load_state_dict(kept)
    write_checkpoint(path, {"width": network.width, "made_with": dict(made_with)}, network=stored.half())
    write_json(Path(path).with_suffix(".json"), dict(made_with))
    return Path(path)


def save_prosody_network(
    path: str | os.PathLike, network: ProsodyNetwork, made_with: Mapping[str, Any]
) -> Path:
    r"""Writes a network from prosody to expression, and beside it a ``.json``; arguments as above."""
    notes = {"width": network.width, "features": FEATURES, "made_with": dict(made_with)}
    write_checkpoint(path, notes, network=copy.deepcopy(network))
    write_json(Path(path).with_suffix(".json"), dict(made_with))
    return Path(path)
