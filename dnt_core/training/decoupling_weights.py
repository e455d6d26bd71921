r"""Weights of decoupling networks in files, and the ones that are shipped."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dnt_core.atomic_write import without_nan, write_json
from dnt_core.checkpoint import network_key, read_checkpoint, read_notes, to_be_filled, write_checkpoint
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.paths import user_path, weights_file, weights_folder
from dnt_core.training.decoupling import DecouplingTraining


def save_decoupling_network(
    path: str | os.PathLike, training: DecouplingTraining, made_with: Mapping[str, Any] | None = None
) -> Path:
    r"""Writes the trained network alone, and beside it a ``.json`` that says how it was made.

    Kept in 16-bit floats: read back, it gives the 64 numbers to about a thousandth of their change.

    Args:
        path: ends in ``.safetensors``.
        training: whose averaged network is written.
        made_with: command, machine, metrics …; the training's configuration and the key of the weights, by
            which a generator names its f_d, are added.
    """
    stored = copy.deepcopy(training.result).half()
    known = {"key": network_key(copy.deepcopy(stored).float()), **(made_with or {})}
    notes = without_nan({**known, "config": asdict(training.config), "steps_done": training.step})
    write_checkpoint(path, {"hidden": list(training.config.hidden), "made_with": notes}, network=stored)
    write_json(Path(path).with_suffix(".json"), notes)
    return Path(path)


def load_decoupling_network(source: str | os.PathLike) -> DecouplingNetwork:
    r"""A trained decoupling network, ready to use.

    Args:
        source: name of shipped weights, or a file of :func:`save_decoupling_network` or a training's
            ``.checkpoint``. "M003" is trained with the paper's λ2, "M003_speech" with λ2 = 100, which lets go
            of the expression's lips and keeps the speech's: the shipped generators were trained on its faces.

    Returns:
        the network; its ``face_model`` is the name of the model that its 64 numbers belong to, "" if none is
        noted.

    Raises:
        FileNotFoundError: no such file, no shipped weights of that name.
        ValueError: the file holds no decoupling network.
    """
    path = _file_of(source)
    checkpoint = read_checkpoint(path)
    name = "averaged" if "averaged" in checkpoint.states else "network"
    hidden = _hidden(checkpoint.notes)
    if name not in checkpoint.states or not hidden:
        raise ValueError(
            f"{path} holds no decoupling network; it holds {', '.join(sorted(checkpoint.states))}"
        )
    with to_be_filled():
        network = DecouplingNetwork(tuple(hidden)).float()
        checkpoint.restore(**{name: network})
    network.face_model = face_model_of(checkpoint.notes)
    return network.eval().requires_grad_(False)


def _file_of(source: str | os.PathLike) -> Path:
    """The file that a name or a path means."""
    path = user_path(source)
    if path.suffix not in (".safetensors", ".checkpoint"):
        shipped = weights_folder()
        path = shipped / f"decoupling_{source}.safetensors"
        if not path.is_file():
            known = sorted(
                p.stem.removeprefix("decoupling_") for p in shipped.glob("decoupling_*.safetensors")
            )
            raise FileNotFoundError(
                f"no decoupling weights for {source!r}; there are {', '.join(known) or 'none'}"
            )
    return weights_file(path)


def face_model_of(notes: Mapping[str, Any]) -> str:
    r"""Name of the face model that weights were trained for, from their notes; "" where none is noted."""
    return str(notes.get("made_with", {}).get("face_model") or notes.get("face_model") or "")


def people_of(source: str | os.PathLike) -> list[str]:
    r"""Whose clips trained an f_d, from its file's header alone; [] where that is not noted.

    Args:
        source: as of :func:`load_decoupling_network`.
    """
    return list(read_notes(_file_of(source))[0].get("made_with", {}).get("actors", ()))


def holds_decoupling_network(path: str | os.PathLike) -> bool:
    r"""Whether a file is one that :func:`load_decoupling_network` opens, from its header alone."""
    try:
        notes, held = read_notes(path)
    except (ValueError, OSError):
        return False
    return ("averaged" in held or "network" in held) and bool(_hidden(notes))


def _hidden(notes: Mapping[str, Any]) -> Any:
    config = notes.get("config")
    return notes.get("hidden") or (config.get("hidden") if isinstance(config, Mapping) else None)


def decoupling_files(folder: str | os.PathLike) -> Iterator[Path]:
    r"""The files that hold decoupling networks, those of a folder first, then the shipped ones."""
    yield from filter(holds_decoupling_network, sorted(Path(folder).glob("*.safetensors")))
    with suppress(FileNotFoundError):
        yield from filter(holds_decoupling_network, sorted(weights_folder().glob("*.safetensors")))
