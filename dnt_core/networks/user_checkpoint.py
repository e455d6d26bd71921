r"""Checkpoints that users bring: read without running code; every key fits the network, or none is taken."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from dnt_core.assets import ASSETS, require_asset

PREFIX = "module."  # in front of each key where the network was saved from inside DataParallel
_SHOWN = 3  # keys named in an error

Network = TypeVar("Network", bound=nn.Module)


def load_user_network(
    build: Callable[[], Network], asset: str, path: str | os.PathLike | None = None
) -> Network:
    r"""A network with the weights of a checkpoint that a user brings, ready to use.

    Args:
        build: makes the network; its weights are not initialised, since all of them are read.
        asset: key of :data:`dnt_core.assets.ASSETS`; it gives the name in errors.
        path: the checkpoint; ``None`` looks for it as :func:`dnt_core.assets.find_asset` does.

    Returns:
        The network on the CPU in float32, in evaluation mode, without gradients.

    Raises:
        FileNotFoundError: there is no such file; the sentence says where it was looked for and who offers it.
        ValueError: the file is no checkpoint (it says what it is instead), or does not fit the network.
    """
    title = ASSETS[asset].title
    path = require_asset(asset) if path is None else Path(path)
    with torch.device("meta"):
        network = build()
    state = fitting_state(read_state_dict(path, title), network, path, title)
    network.float().to_empty(device="cpu").load_state_dict(state)
    return network.eval().requires_grad_(False)


def read_state_dict(path: str | os.PathLike, title: str) -> dict[str, Tensor]:
    r"""The state dict in a file of ``torch.save``, read with ``weights_only=True``.

    Args:
        path: a state dict, plain or under the key ``state_dict``; its keys may all begin with ``module.``.
        title: what is expected there, for errors.

    Returns:
        key → tensor on the CPU, without ``module.``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: an empty or truncated file, a git-lfs pointer, a web page, a file of another kind, Python
            objects beside the tensors, no state dict in it.
    """
    path = Path(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise FileNotFoundError(f"{path} {what}; expected the {title}")
    _check_kind(path, title)
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged pickles and archives raise almost anything
        raise ValueError(f"{path} cannot be read as the {title}: {_reason(error)}") from error
    state = held.get("state_dict", held) if isinstance(held, Mapping) else held
    if not isinstance(state, Mapping) or not all(isinstance(v, Tensor) for v in state.values()) or not state:
        if isinstance(state, Mapping):
            kind = f"a dictionary with {', '.join(map(repr, list(state)[:_SHOWN])) or 'nothing in it'}"
        else:
            kind = f"a {type(state).__name__}"
        raise ValueError(f"{path} holds {kind}, expected the state dict of the {title}")
    prefix = PREFIX if all(str(key).startswith(PREFIX) for key in state) else ""
    return {str(key).removeprefix(prefix): value for key, value in state.items()}


def fitting_state(
    state: Mapping[str, Tensor], network: nn.Module, path: str | os.PathLike, title: str
) -> dict[str, Tensor]:
    r"""The state, where its keys and shapes are the network's own and its numbers finite.

    Raises:
        ValueError: keys too many, too few or of a wrong shape, NaN or infinity: one sentence with the first.
    """
    own = network.state_dict()
    faults = []
    if missing := [key for key in own if key not in state]:
        faults.append(f"{_count(missing, 'key')} missing ({_first(missing)})")
    if unknown := [key for key in state if key not in own]:
        faults.append(f"{_count(unknown, 'key')} too many ({_first(unknown)})")
    if wrong := [key for key in own if key in state and state[key].shape != own[key].shape]:
        shapes = [f"{k} {_shape(state[k])} where {_shape(own[k])} is expected" for k in wrong]
        faults.append(f"{_count(wrong, 'key')} of a wrong shape ({_first(shapes)})")
    if faults:
        raise ValueError(f"{path} does not fit the {title}: {'; '.join(faults)}")
    if bad := [key for key, value in state.items() if not torch.isfinite(value).all()]:
        raise ValueError(f"{path} is damaged: NaN or infinity in {_count(bad, 'key')} ({_first(bad)})")
    return dict(state)


def _check_kind(path: Path, title: str) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(512)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if size == 0:
        what = "is empty (0 bytes)"
    elif start.startswith(b"version https://git-lfs"):
        what = "is a git-lfs pointer, not the file it stands for (fetch it with `git lfs pull`)"
    elif start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        what = "is a web page, not a checkpoint (download the file itself)"
    elif head.startswith(b"PK") and not _ends_as_zip(path):
        what = f"is truncated: its {size} bytes end before the archive does"
    elif head.startswith(b"PK") and (names := _names_in_zip(path)) is None:
        what = "is truncated or damaged: its archive cannot be listed"
    elif head.startswith(b"PK") and "data.pkl" not in names:
        what = "is a zip archive that torch.save did not write (unpack it first)"
    elif head.startswith(b"PK") and "constants.pkl" in names:
        alone = f"torch.save(torch.jit.load({str(path)!r}).state_dict(), 'another.pth')"
        what = f"is a TorchScript archive, which holds code beside its tensors (if you trust it, `{alone}`)"
    elif not head.startswith((b"PK", b"\x80")):
        what = f"is no file of torch.save (it begins with {head[:8]!r})"
    else:
        return
    raise ValueError(f"{path} {what}; expected the {title}")


def _ends_as_zip(path: Path) -> bool:
    try:
        return zipfile.is_zipfile(path)
    except zipfile.BadZipFile:  # an end that says it lies on several disks
        return False


def _names_in_zip(path: Path) -> set[str] | None:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.rpartition("/")[2] for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None


def _reason(error: Exception) -> str:
    text = str(error)
    if "global" in text.lower() and "weights" in text.lower():
        return (
            "it holds Python objects beside its tensors, which could run code when they are read; "
            "save its state dict alone"
        )
    if isinstance(error, EOFError | RuntimeError | pickle.UnpicklingError | OSError):
        return "it is truncated or damaged"
    return f"it is damaged ({type(error).__name__})"


def _count(things: list[str], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def _first(things: list[str]) -> str:
    return ", ".join(things[:_SHOWN]) + (", …" if len(things) > _SHOWN else "")


def _shape(value: Tensor) -> str:
    return "x".join(map(str, value.shape)) or "a single number"
