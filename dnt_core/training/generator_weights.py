r"""A trained generator in one safetensors file: weights, sizes, and how it was made."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from dnt_core.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GeneratorConfig
from dnt_core.training.decoupling_weights import SHIPPED, load_decoupling_network

_NAME = re.compile(r"generator_([A-Za-z0-9]+)_(\d+)")


def save_generator(
    path: str | os.PathLike,
    generator: Generator,
    made_with: Mapping[str, Any] | None = None,
    half: bool = False,
) -> Path:
    r"""Writes weights and config, whole or not at all.

    Args:
        path: ends in ``.safetensors``. made_with: JSON-able notes: command, seed, data, metrics.
        half: 16-bit floats, half the size; they are read back as 32-bit.
    """
    stored = copy.deepcopy(generator).half() if half else generator
    notes = {"config": generator.config.to_json(), "made_with": dict(made_with or {})}
    return write_checkpoint(path, notes, generator=stored)


def load_generator(path: str | os.PathLike, device: str = "cpu") -> tuple[Generator, dict[str, Any]]:
    r"""A file's generator, float32 and ready to render, and its notes ``made_with``.

    Opens the checkpoint of a training, too.

    Raises:
        FileNotFoundError: no such file.
        ValueError: cut off, of another program or network, or weights that do not fit the config.
    """
    found = _read_generator(path)
    try:
        generator = Generator(GeneratorConfig.from_json(found.notes["config"]))
        found.restore(generator=generator)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {str(error).splitlines()[0]}") from error
    return generator.to(torch.device(device)).eval(), found.notes.get("made_with", {})


def _read_generator(path: str | os.PathLike) -> Checkpoint:
    found = read_checkpoint(path)
    if "generator" not in found.states or "config" not in found.notes:
        raise ValueError(
            f"{path} holds no generator; it holds {', '.join(sorted(found.states)) or 'nothing'}"
        )
    return found


def start_from(generator: Generator, path: str | os.PathLike) -> tuple[float, dict[str, Any]]:
    r"""Takes over whatever of a file's weights has the same name and shape, in place; the rest begins anew.

    So a generator of other sizes may start from another's texture, or an actor's from another actor's.

    Args:
        path: of any generator, see :func:`load_generator`.

    Returns:
        the share of the generator's numbers that were taken over, in (0, 1], and the file's ``made_with``.

    Raises:
        FileNotFoundError, ValueError: as :func:`load_generator`; nothing of the file fits.
    """
    found = _read_generator(path)
    theirs, mine = found.states["generator"], generator.state_dict()
    taken = {name: t for name, t in theirs.items() if name in mine and t.shape == mine[name].shape}
    if not taken:
        raise ValueError(f"{path}: none of its weights fits into a generator of these sizes")
    generator.load_state_dict(taken, strict=False)
    share = sum(t.numel() for t in taken.values()) / sum(t.numel() for t in mine.values())
    return share, found.notes.get("made_with", {})


def identity_and_size(path: str | os.PathLike) -> tuple[str, int]:
    r"""Whose generator a file holds and for which size in px, from its name alone.

    Raises:
        ValueError: it is not called ``generator_<identity>_<size>.safetensors``.
    """
    named = _NAME.fullmatch(Path(path).stem)
    if not named:
        raise ValueError(f"{path}: expected a file named generator_<identity>_<size>.safetensors")
    return named[1], int(named[2])


def option_of_command(name: str, made_with: Mapping[str, Any]) -> str | None:
    r"""What followed ``--<name>`` in the command that trained some weights, None if nothing did."""
    found = re.search(rf"--{name} (\S+)", str(made_with.get("command", "")))
    return found[1] if found else None


def noted_decoupling(made_with: Mapping[str, Any]) -> str | None:
    r"""Name of the f_d whose faces a generator was trained on, None where none is noted."""
    noted = option_of_command("decoupling", made_with)
    return Path(noted).stem.removeprefix("decoupling_") if noted else None


def load_decoupling_of(path: str | os.PathLike, made_with: Mapping[str, Any]) -> DecouplingNetwork:
    r"""That f_d, or the actor's where none is noted: from the generator's own folder if it is there, else the
    shipped one.

    Args:
        path: ``generator_<identity>_<size>.safetensors``. made_with: its notes, from :func:`load_generator`.

    Raises:
        FileNotFoundError, ValueError: as ``load_decoupling_network`` does.
    """
    name = noted_decoupling(made_with) or identity_and_size(path)[0]
    beside = Path(path).with_name(f"decoupling_{name}.safetensors")
    if beside.is_file():
        return load_decoupling_network(beside)
    try:
        return load_decoupling_network(name)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{path} goes with the decoupling network {name!r}: expected {beside.name} beside it"
        ) from error


def find_generators(folder: str | os.PathLike = "", size: int = 128) -> dict[str, Path]:
    r"""Identity → its generator, for all that have one in a folder.

    Args:
        folder: that holds files ``generator_<identity>_<size>.safetensors``; the repository's ``weights/``
            when empty.
        size: px; of an identity's generators the one of the nearest size is taken.
    """
    found: dict[str, Path] = {}
    for path in sorted(Path(folder or SHIPPED).glob("generator_*.safetensors")):
        if _NAME.fullmatch(path.stem):
            identity, of_size = identity_and_size(path)
            known = found.get(identity)
            if known is None or abs(of_size - size) < abs(identity_and_size(known)[1] - size):
                found[identity] = path
    return found
