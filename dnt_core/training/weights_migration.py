r"""``dnt weights migrate``: brings the weights of version 0.1 along; only their headers change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dnt_core.atomic_write import write_json
from dnt_core.checkpoint import network_key, read_notes, rewrite_notes
from dnt_core.training.decoupling_weights import holds_decoupling_network, load_decoupling_network
from dnt_core.training.generator_weights import open_generator


def migrate_weights(places: Iterable[Path]) -> dict[Path, bool]:
    r"""Writes into files of version 0.1 what newer ones say about themselves; their weights stay as they are,
    to the bit, and the ``.json`` beside them follows.

    Args:
        places: files, or folders of files; what holds neither a generator nor an f_d is passed over in a
            folder.

    Returns:
        file → whether anything had to be written.

    Raises:
        FileNotFoundError: no such file; an f_d that a generator goes with is not there.
        ValueError: a file that holds neither.
    """
    done = {}
    for place in map(Path, places):
        files = sorted(place.glob("*.safetensors")) if place.is_dir() else [place]
        for file in files:
            if not place.is_dir() or _holds_weights(file):
                done[file] = _migrate(file)
    return done


def _holds_weights(file: Path) -> bool:
    try:
        held = read_notes(file)[1]
    except ValueError:
        return False
    return "generator" in held or holds_decoupling_network(file)


def _migrate(file: Path) -> bool:
    notes = read_notes(file)[0]
    known = notes.get("made_with", {})
    if holds_decoupling_network(file):
        made_with = {"key": network_key(load_decoupling_network(file)), **known}
    else:
        opened = open_generator(file)
        made_with = opened.made_with
        opened.decoupling()  # said if it is not there: its key could not be written
    if made_with == known:
        return False
    rewrite_notes(file, {**notes, "made_with": made_with})
    if file.with_suffix(".json").is_file():
        write_json(file.with_suffix(".json"), made_with)
    return True
