r"""Weights of decoupling networks in files, and the ones that are shipped."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dnt_core.atomic_write import write_json
from dnt_core.checkpoint import read_checkpoint, write_checkpoint
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.training.decoupling import DecouplingTraining

SHIPPED = Path(__file__).parents[2] / "weights"  # of the repository


def save_decoupling_network(
    path: str | os.PathLike, training: DecouplingTraining, made_with: Mapping[str, Any] | None = None
) -> Path:
    r"""Writes the trained network alone, and beside it a ``.json`` that says how it was made.

    Kept in 16-bit floats: read back, it gives the 64 numbers to about a thousandth of their change.

    Args:
        path: ends in ``.safetensors``.
        made_with: command, machine, metrics …; the training's configuration is added.
    """
    notes = {**(made_with or {}), "config": asdict(training.config), "steps_done": training.step}
    stored = copy.deepcopy(training.result).half()
    write_checkpoint(path, {"hidden": list(training.config.hidden), "made_with": notes}, network=stored)
    write_json(Path(path).with_suffix(".json"), notes)
    return Path(path)


def load_decoupling_network(source: str | os.PathLike) -> DecouplingNetwork:
    r"""A trained decoupling network, ready to use.

    Args:
        source: name of shipped weights, or a file of :func:`save_decoupling_network` or of a training's
            checkpoint. "M003" is trained with the paper's λ2, "M003_speech" with λ2 = 100, which lets go of
            the expression's lips and keeps the speech's: the shipped generators were trained on its faces.

    Raises:
        FileNotFoundError: no such file, no shipped weights for that actor.
        ValueError: the file holds no decoupling network.
    """
    path = Path(source)
    if path.suffix != ".safetensors":
        path = SHIPPED / f"decoupling_{source}.safetensors"
        if not path.is_file():
            known = sorted(
                p.stem.removeprefix("decoupling_") for p in SHIPPED.glob("decoupling_*.safetensors")
            )
            raise FileNotFoundError(
                f"no decoupling weights for {source!r}; there are {', '.join(known) or 'none'}"
            )
    checkpoint = read_checkpoint(path)
    name = "averaged" if "averaged" in checkpoint.states else "network"
    hidden = checkpoint.notes.get("hidden") or checkpoint.notes.get("config", {}).get("hidden")
    if name not in checkpoint.states or not hidden:
        raise ValueError(
            f"{path} holds no decoupling network; it holds {', '.join(sorted(checkpoint.states))}"
        )
    network = DecouplingNetwork(tuple(hidden))
    checkpoint.restore(network=network) if name == "network" else network.load_state_dict(
        checkpoint.states[name]
    )
    return network.eval().requires_grad_(False)
