r"""What is shipped beside Table 2: the judges, the sync network, the faces of figure 7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dnt_core.atomic_write import atomic_path
from dnt_core.networks.sync_network import SyncNetwork
from dnt_core.paths import shipped_file, weights_file
from dnt_core.studies.table2.judges import Judges
from dnt_core.training.sync_network import load_sync_network

FOLDER = "table2"  # below the shipped weights
FACES_FILE = "figure7.npz"
SHIPPED_BYTES = 4_000_000
SHIPPED_FIRST = ("ours", "without_dnt", "stargan", "exprgan", "without_ts", "without_denet")


def ship(
    made: Path, weights: Path, actor: str, sync: str = "", table: Path | None = None, seed: int = 0,
    limit: int = SHIPPED_BYTES,
) -> list[Path]:  # fmt: skip
    r"""Copies what the notebook needs out of a folder in which the table was made.

    Args:
        made: that folder.
        weights: the repository's folder of weights.
        actor: whose judges they are.
        sync: the sync network that was used, or the name of a shipped one, "" for none.
        table: its file; None for ``table2.json`` in that folder.
        seed: the first one of the table.
        limit: bytes of methods' weights: of that seed, in the order of :data:`SHIPPED_FIRST`, as many as fit.

    Returns:
        the files that were written.

    Raises:
        FileNotFoundError: the table was not finished in that folder; nothing is written then.
    """
    wanted = {
        table or made / "table2.json": weights / "table2.json",
        made / "judges.safetensors": weights / f"judges_{actor}.safetensors",
        made / FACES_FILE: weights / FOLDER / FACES_FILE,
    }
    if sync:
        network = weights_file(sync)
        for source in (network, network.with_suffix(".json")):
            wanted[source] = weights / f"sync_{actor}{source.suffix}"
    left = limit
    for name in SHIPPED_FIRST:
        file = made / f"{name}_{seed}.safetensors"
        if file.is_file() and file.stat().st_size <= left:
            left -= file.stat().st_size
            wanted[file] = weights / FOLDER / file.name
    if missing := [str(source) for source in wanted if not source.is_file()]:
        raise FileNotFoundError(f"nothing was shipped: there is no {', '.join(missing)}")
    for source, target in wanted.items():
        content = source.read_bytes()
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(target) as part:
            Path(part).write_bytes(content)
    return list(wanted.values())


def shipped_judges(actor: str) -> Judges | None:
    r"""The judges of an actor, None where they are not shipped."""
    path = shipped_file(f"judges_{actor}.safetensors")
    return None if path is None else Judges.load(path)


def shipped_sync(actor: str | None) -> SyncNetwork | None:
    r"""The sync network of an actor, None where it is not shipped."""
    path = shipped_file(f"sync_{actor}.safetensors")
    return None if path is None else load_sync_network(path)


def save_faces(path: Path, crops: Mapping[str, Sequence[Tensor]]) -> Path:
    r"""Keeps figure 7's crops, each (3, h, w) in [0, 1], in 8 bits a colour."""
    arrays = {name: (torch.stack(list(faces)) * 255).round().byte().numpy() for name, faces in crops.items()}
    with atomic_path(path) as part, open(part, "wb") as file:
        np.savez_compressed(file, **arrays)
    return path


def read_faces(path: Path) -> dict[str, list[Tensor]]:
    r"""What :func:`save_faces` wrote, by method; FileNotFoundError where there is no such file."""
    with np.load(path, allow_pickle=False) as file:
        return {name: list(torch.from_numpy(file[name]).float() / 255) for name in file.files}
