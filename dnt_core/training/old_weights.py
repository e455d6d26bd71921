r"""Generators of version 0.1: what they say about themselves stood in the command that trained them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dnt_core.checkpoint import network_key
from dnt_core.training.decoupling_weights import decoupling_files, load_decoupling_network

UNKNOWN = "unknown"  # stands for the key of an f_d that is named, but not there
NAME = re.compile(r"generator_([A-Za-z0-9]+)_(\d+)")


def notes_from_command(path: Path, made_with: Mapping[str, Any]) -> dict[str, Any]:
    r"""Notes of version 0.1, with what the command in them (else the file's name) says put beside it.

    Args:
        path: of the generator; its f_d is looked for beside it, then among the shipped weights.
        made_with: the file's notes.
    """
    command, named = str(made_with.get("command", "")), NAME.fullmatch(path.stem)
    stages = made_with.get("stages")
    size = int(stages[-1]["image_size"]) if stages else int(named[2]) if named else None
    return {
        "identity": _option("actor", command) or (named[1] if named else None),
        "image_size": size,
        **_decoupling_of_command(path, command),
        "data": str(made_with.get("measured_on", "")).removeprefix("held-out frames of "),
        **made_with,
    }


def _decoupling_of_command(path: Path, command: str) -> dict[str, str | None]:
    name = _option("decoupling", command)
    if name is None:
        return {"decoupling": None, "decoupling_file": None}
    for file in decoupling_files(path.parent):
        if file.name == name:
            return {"decoupling": network_key(load_decoupling_network(file)), "decoupling_file": name}
    return {"decoupling": UNKNOWN, "decoupling_file": name}


def _option(name: str, command: str) -> str | None:
    found = re.search(rf"--{name} (.+?)(?= --|$)", command)
    return found[1] if found else None
