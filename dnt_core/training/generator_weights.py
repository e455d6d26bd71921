r"""A trained generator in one safetensors file: weights, sizes, and how it was made.

The notes in the file's header say whose it is, for which size, on whose geometry: ``identity``,
``image_size``, ``decoupling`` (the key of f_d's weights, or null), ``decoupling_file``, ``face_model``,
``seed``, ``command``, ``data``, ``expressions`` (of the clips). Files of version 0.1 have only the command;
they are read by what it says, and ``dnt weights migrate`` writes the rest in.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import torch

from dnt_core.atomic_write import without_nan
from dnt_core.checkpoint import (
    Checkpoint,
    network_key,
    read_checkpoint,
    read_notes,
    to_be_filled,
    write_checkpoint,
)
from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.scanner import actor_of, is_level_folder
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GeneratorConfig
from dnt_core.paths import runs_folder, user_path, weights_file, weights_folder
from dnt_core.training.decoupling_weights import decoupling_files, load_decoupling_network
from dnt_core.training.old_weights import NAME, notes_from_command
from dnt_core.training.step_training import data_key

BUILT_IN = "the built-in synthetic actor"  # as ``data`` notes whom the weights were trained on
ACTED = ("actor", "built-in actor")  # how the source of the built-in actor's face caches begins


def save_generator(
    path: str | os.PathLike,
    generator: Generator,
    made_with: Mapping[str, Any] | None = None,
    half: bool = False,
) -> Path:
    r"""Writes weights and config, whole or not at all.

    Args:
        path: ends in ``.safetensors``.
        generator: whose weights are written.
        made_with: JSON-able notes, see above; NaN is written as null.
        half: 16-bit floats, half the size; they are read back as 32-bit.
    """
    stored = copy.deepcopy(generator).half() if half else generator
    notes = {"config": generator.config.to_json(), "made_with": without_nan(dict(made_with or {}))}
    return write_checkpoint(path, notes, generator=stored)


def load_generator(path: str | os.PathLike, device: str = "cpu") -> tuple[Generator, dict[str, Any]]:
    r"""A file's generator, float32 and ready to render, and its notes ``made_with``.

    Opens the checkpoint of a training, too.

    Args:
        path: ends in ``.safetensors``.
        device: where the weights are put.

    Raises:
        FileNotFoundError: no such file.
        ValueError: cut off, of another program or network, or weights that do not fit the config.
    """
    found = _read_generator(path)
    try:
        with to_be_filled():
            generator = Generator(GeneratorConfig.from_json(found.notes["config"]))
            found.restore(generator=generator)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {str(error).splitlines()[0]}") from error
    return generator.to(torch.device(device), torch.float32).eval(), found.notes.get("made_with", {})


def _read_generator(path: str | os.PathLike) -> Checkpoint:
    found = read_checkpoint(weights_file(user_path(path)))
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


def weights_key(path: str | os.PathLike) -> str:
    r"""A short name of the numbers in a generator's file, whatever is noted beside them.

    Raises:
        FileNotFoundError, ValueError: as :func:`load_generator`.
    """
    states = _read_generator(path).states["generator"]
    return data_key(*(states[name] for name in sorted(states)))


@dataclass(frozen=True)
class TrainedGenerator:
    r"""A generator's file; its weights are read when ``generator`` is first asked for.

    Attributes:
        path: the file.
        made_with: all that was noted when it was trained.
        identity: the actor's name, None where neither the notes nor the file's name say it.
        image_size: S px of the pictures it was trained on.
        decoupling_key: of f_d's weights, see :func:`~dnt_core.checkpoint.network_key`; None: it was
            trained on the geometry as reconstructed.
        face_model: source for ``load_face_model``, "" where it was not noted.
    """

    path: Path
    made_with: dict[str, Any]
    identity: str | None
    image_size: int
    decoupling_key: str | None
    face_model: str

    @cached_property
    def generator(self) -> Generator:
        r"""The network, float32 on the CPU, ready to render."""
        return load_generator(self.path)[0]

    def unseen(self, asked: Iterable[str]) -> str:
        r"""A sentence on expressions that no clip of the training showed; "" where it knows them all, or
        where that was not noted.

        Args:
            asked: names of expressions.
        """
        new = set(asked) - {"neutral", *self.made_with.get("expressions", EXPRESSIONS)}
        unknown = [name for name in EXPRESSIONS if name in new]
        said = f"{self.path.name} was trained without a clip that is {' or '.join(unknown)}"
        return f"{said}: what it draws there is a guess" if unknown else ""

    def stranger(self, video: Path | None, source: str) -> str:
        r"""A sentence on a clip of somebody whom the weights do not draw, as far as names tell; else "".

        Args:
            video: the clip, whose folders may say whose it is; None: frames in memory.
            source: who made its 257 numbers, as its face cache says.
        """
        mine, theirs = self.identity or "", ""
        if video is not None and is_level_folder(video.parent):
            theirs = actor_of(video.parent)
        if mine and theirs.casefold() not in ("", "unknown", mine.casefold()):
            return f"{self.path.name} draws {mine}, and {video} is of {theirs}: it gets a face of {mine}"
        if self.made_with.get("data") != BUILT_IN or source.startswith(ACTED):
            return ""
        return (
            f"{self.path.name} draws the built-in actor {mine}, and the clip's 3D face ({source}) is not the "
            "actor's own: a person in it gets the actor's face"
        )

    def decoupling(self) -> DecouplingNetwork | None:
        r"""The f_d that it was trained with, None if it had none. The one answer to this question.

        It is found by its weights, under whatever name, in the generator's own folder, else among the shipped
        ones, else in ``weights/`` of the runs folder, where ``dnt train decoupling`` writes.

        Raises:
            FileNotFoundError: it is in none of them.
        """
        if self.decoupling_key is None:
            return None
        places = self.path.parent, runs_folder() / "weights"
        for file in chain.from_iterable(map(decoupling_files, places)):
            network = load_decoupling_network(file)
            if network_key(network) == self.decoupling_key:
                return network
        file = self.made_with.get("decoupling_file") or f"decoupling_{self.decoupling_key}.safetensors"
        raise FileNotFoundError(
            f"{self.path} goes with the decoupling network {Path(file).stem.removeprefix('decoupling_')!r}: "
            f"expected {file} beside it, with weights of key {self.decoupling_key}"
        )


def open_generator(path: str | os.PathLike) -> TrainedGenerator:
    r"""Opens a file of ``dnt train generator``; reads its header alone.

    Args:
        path: ends in ``.safetensors``.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it holds no generator.
    """
    path = user_path(path)
    notes, held = read_notes(path)
    if "generator" not in held or "config" not in notes:
        raise ValueError(f"{path} holds no generator; it holds {', '.join(held) or 'nothing'}")
    made_with = dict(notes.get("made_with", {}))
    if "decoupling" not in made_with:
        made_with = notes_from_command(path, made_with)
    return TrainedGenerator(
        path,
        made_with,
        made_with.get("identity"),
        made_with.get("image_size") or GeneratorConfig.from_json(notes["config"]).texture_size,
        made_with["decoupling"],
        made_with.get("face_model", ""),
    )


def find_generators(folder: str | os.PathLike = "", size: int = 128) -> dict[str, Path]:
    r"""Identity → its generator, for all identities that have one in a folder.

    Args:
        folder: with files of ``dnt train generator``, under any names; the shipped weights when empty.
        size: px; of an identity's generators the one of the nearest size is taken.

    Raises:
        FileNotFoundError: no folder is given, and there are no shipped weights.
        ValueError: a file named ``generator_<identity>_<size>.safetensors`` that holds no generator.
    """
    every = all_generators(folder)
    return {who: of[min(of, key=lambda px: abs(px - size))].path for who, of in every.items()}


def all_generators(folder: str | os.PathLike = "") -> dict[str, dict[int, TrainedGenerator]]:
    r"""Identity → image size in px → its generator, for all that a folder holds.

    Args:
        folder: as for :func:`find_generators`.

    Raises:
        FileNotFoundError: as for :func:`find_generators`.
        ValueError: as for :func:`find_generators`.
    """
    found: dict[str, dict[int, TrainedGenerator]] = {}
    for path in sorted(user_path(folder or weights_folder()).glob("*.safetensors")):
        try:
            opened = open_generator(path)
        except ValueError:
            if NAME.fullmatch(path.stem):
                raise
            continue  # of another network
        if opened.identity:
            found.setdefault(opened.identity, {}).setdefault(opened.image_size, opened)
    return dict(sorted(found.items()))
