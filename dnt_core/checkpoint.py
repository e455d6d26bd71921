r"""Checkpoints: all a training needs to go on after a kill as if nothing had happened, in one file.

Tensors (weights, optimiser moments, the state of the random generator) are stored as tensors, all else (step,
configuration, curves) as JSON in the file's header. Files are written whole or not at all and hold no pickle.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from dnt_core.atomic_write import atomic_path
from dnt_core.own_torch import on_cpu
from dnt_core.placeholder_files import check_no_placeholder

_TENSOR = "tensor:"  # stands in the JSON where a tensor was taken out


@dataclass
class Checkpoint:
    r"""What a file held.

    Attributes:
        states: name → state dict, of networks and optimisers alike.
        notes: what was given beside them: step, configuration, curves …
        source: the file, for errors.
    """

    states: dict[str, Any]
    notes: dict[str, Any] = field(default_factory=dict)
    source: str = "the checkpoint"

    def restore(self, **targets: nn.Module | torch.optim.Optimizer | torch.Generator) -> None:
        r"""Puts each named state back into its network, optimiser or random generator.

        Raises:
            ValueError: a state is missing, or does not fit.
        """
        for name, target in targets.items():
            if name not in self.states:
                raise ValueError(f"{self.source} has no {name!r}; it holds {', '.join(sorted(self.states))}")
            try:
                if isinstance(target, torch.Generator):
                    target.set_state(self.states[name]["state"].cpu())
                else:
                    target.load_state_dict(self.states[name])
            except (RuntimeError, KeyError, ValueError) as error:
                raise ValueError(f"{name!r} of {self.source} does not fit: {error}") from error


def write_checkpoint(
    path: str | os.PathLike,
    notes: Mapping[str, Any] | None = None,
    **sources: nn.Module | torch.optim.Optimizer | torch.Generator,
) -> Path:
    r"""Writes networks, optimisers and random generators by name.

    Args:
        path: ends in ``.safetensors``.
        notes: JSON-able values beside them; no NaN.
        sources: name → network, optimiser or random generator.

    Raises:
        ValueError: a note that JSON cannot hold.
    """
    tensors: dict[str, Tensor] = {}
    states = {name: _take_out(_state(source), name, tensors) for name, source in sources.items()}
    return _write(path, states, notes or {}, tensors)


def _write(path: str | os.PathLike, states: Any, notes: Mapping[str, Any], tensors: dict) -> Path:
    try:
        header = json.dumps({"states": states, "notes": dict(notes)}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"cannot write {path}: a note is not JSON ({error})") from error
    with atomic_path(path) as part:
        part.write_bytes(save(tensors, metadata={"dnt": header}))
    return Path(path)


def read_checkpoint(path: str | os.PathLike) -> Checkpoint:
    r"""Reads what :func:`write_checkpoint` wrote.

    Args:
        path: ends in ``.safetensors``.

    Returns:
        its tensors on the CPU.

    Raises:
        FileNotFoundError: no such file.
        ValueError: cut off, no safetensors, or not written by :func:`write_checkpoint`.
    """
    with _opened(path) as (header, file):
        tensors = {key: file.get_tensor(key) for key in file.keys()}
    try:
        states = {name: _put_back(state, tensors) for name, state in header["states"].items()}
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is damaged: its header and its tensors do not fit ({error})") from error
    return Checkpoint(states, header["notes"], str(path))


def read_notes(path: str | os.PathLike) -> tuple[dict[str, Any], tuple[str, ...]]:
    r"""The notes of a file of :func:`write_checkpoint` and the names of the states in it; no tensor is read.

    Raises:
        as :func:`read_checkpoint`.
    """
    with _opened(path) as (header, _):
        return header["notes"], tuple(sorted(header["states"]))


def rewrite_notes(path: str | os.PathLike, notes: Mapping[str, Any]) -> Path:
    r"""Puts other notes into a file of :func:`write_checkpoint`; its tensors stay as they are, to the bit.

    Raises:
        as :func:`read_checkpoint`.
    """
    with _opened(path) as (header, _):
        states, tensors = header["states"], load_file(path)
    return _write(path, states, notes, tensors)


@contextmanager
def _opened(path: str | os.PathLike) -> Iterator[tuple[dict[str, Any], safe_open]]:
    if not Path(path).is_file():
        folder = f"{path} is a folder, expected a file of weights"
        raise FileNotFoundError(folder if Path(path).is_dir() else f"there is no checkpoint {path}")
    check_no_placeholder(path)
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("dnt", "null"))
            if not isinstance(header, dict) or set(header) != {"states", "notes"}:
                raise ValueError(f"{path} was not written by dnt_core: its header has no states and notes")
            yield header, file
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not a whole safetensors file: {error}") from error


@contextmanager
def to_be_filled() -> Iterator[None]:
    r"""Inside, a network is built whose weights are then read from a file.

    What it begins with is drawn aside from the caller's random numbers, on the CPU, and its weights can be
    used in any mode of torch, whichever the caller is in.
    """
    with on_cpu(), torch.random.fork_rng(devices=[]), torch.inference_mode(False):
        yield


def weights_path(path: str | os.PathLike) -> Path:
    r"""Where a training is to write its weights, looked at before it begins.

    Raises:
        ValueError: a name by which no weights are found again, or a folder of that name.
    """
    if Path(path).suffix != ".safetensors":
        raise ValueError(f"weights go to a .safetensors, got {path}")
    if Path(path).is_dir():
        raise ValueError(f"cannot write {path}: a folder of that name is there, expected a file name")
    return Path(path)


def names_key(names: Iterable[str]) -> str:
    r"""A short name of what a training saw, for its record: the same for the same names, in any order."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:12]


def network_key(network: nn.Module | None) -> str:
    r"""A short name of a network's weights; "none" without one."""
    if network is None:
        return "none"
    digest = hashlib.sha256(type(network).__name__.encode())
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]


def _state(source: Any) -> Any:
    return {"state": source.get_state()} if isinstance(source, torch.Generator) else source.state_dict()


def _take_out(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    r"""The value, its tensors moved into ``tensors``; dicts become pairs, as their keys may be numbers."""
    if isinstance(value, Tensor):
        tensors[name] = value.detach().contiguous().clone()
        return _TENSOR + name
    if isinstance(value, Mapping):
        return {"pairs": [[k, _take_out(v, f"{name}.{k}", tensors)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return {
            "tuple" if isinstance(value, tuple) else "list": [
                _take_out(v, f"{name}.{i}", tensors) for i, v in enumerate(value)
            ]
        }
    return value


def _put_back(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(value, str) and value.startswith(_TENSOR):
        return tensors[value.removeprefix(_TENSOR)]
    if not isinstance(value, dict):
        return value
    ((kind, items),) = value.items()
    if kind == "pairs":
        return {k: _put_back(v, tensors) for k, v in items}
    return (
        tuple(_put_back(v, tensors) for v in items)
        if kind == "tuple"
        else [_put_back(v, tensors) for v in items]
    )
