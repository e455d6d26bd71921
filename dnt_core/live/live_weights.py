r"""What a generator's file says about itself: whose it is, for which size, decoupled by what."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.generator import Generator
from dnt_core.training.generator_weights import (
    identity_and_size,
    load_decoupling_of,
    load_generator,
    noted_decoupling,
    option_of_command,
)


@dataclass(frozen=True)
class LiveWeights:
    r"""A generator and what was noted when it was trained; where nothing was, what its file's name says.

    Attributes:
        identity: the actor's name, or None. size: S px of the pictures it was trained on.
        made_with: what was noted.
    """

    path: Path
    generator: Generator
    identity: str | None
    size: int
    made_with: dict[str, Any]

    def decoupling(self) -> DecouplingNetwork | None:
        r"""The f_d it was trained with, from its own folder or the shipped ones; None: it had none.

        Raises:
            FileNotFoundError: it is in neither. ValueError: it is none.
        """
        return load_decoupling_of(self.path, self.made_with) if noted_decoupling(self.made_with) else None


def read_live_weights(path: str | os.PathLike) -> LiveWeights:
    r"""Reads a file of ``dnt train generator``.

    Raises:
        FileNotFoundError: no such file. ValueError: foreign or broken weights.
    """
    path = Path(path)
    generator, made_with = load_generator(path)
    try:
        identity, size = identity_and_size(path)
    except ValueError:
        identity, size = None, generator.config.texture_size
    stages = made_with.get("stages")
    return LiveWeights(
        path,
        generator,
        option_of_command("actor", made_with) or identity,
        int(stages[-1]["image_size"]) if stages else size,
        made_with,
    )
