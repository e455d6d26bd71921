r"""One sentence for an argument of the wrong kind, the same words everywhere."""

from __future__ import annotations

import operator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


def check_type(value: Any, kinds: type | tuple[type, ...], name: str, expected: str) -> None:
    r"""Raises a TypeError, one sentence, unless ``value`` is one of ``kinds``.

    Args:
        value: what the caller gave.
        kinds: the types that fit.
        name: of the argument.
        expected: what is wanted instead, in words.
    """
    if not isinstance(value, kinds):
        raise TypeError(f"{name} must be {expected}, got {shown(value)}")


def check_no_file(words: str | None, name: str) -> None:
    r"""Raises a ValueError, one sentence, where words are wanted and the name of a file was given.

    Args:
        words: what the caller gave.
        name: of the argument.
    """
    try:
        is_file = bool(words) and Path(words).is_file()
    except OSError:  # longer than any name
        return
    if is_file:
        raise ValueError(
            f'{name} is the name of a file, {words}; give the words in it, such as "$(cat {words})"'
        )


def check_fits(value: Tensor, network: nn.Module, name: str) -> None:
    r"""Raises a TypeError, one sentence, unless ``value`` has dtype and device of the network's weights."""
    like = next(network.parameters())
    if (value.dtype, value.device) != (like.dtype, like.device):
        theirs, mine = (f"{t.dtype} on {t.device}" for t in (value, like))
        raise TypeError(f"{name} is {theirs}, but the network is {mine}")


def whole_number(value: Any, name: str, least: int = 1) -> int:
    r"""``value`` as an int; TypeError where it is no whole number, ValueError where it is below ``least``."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {shown(value)}") from None
    if number < least:
        raise ValueError(f"{name} must be at least {least}, got {number}")
    return number


def as_tensor(value: Any, dtype: torch.dtype | None = None) -> Tensor:
    r"""A tensor of numbers as callers give them: a tensor, numbers, or an array of whatever layout.

    Of arrays, torch itself takes neither negative strides nor another machine's byte order, and it warns of
    those that may not be written to.

    Args:
        value: what the caller gave.
        dtype: of the tensor; None: that of ``value``.

    Raises:
        TypeError, ValueError, RuntimeError: no numbers, as torch says it.
    """
    import torch

    if isinstance(value, np.ndarray):
        value = torch.from_numpy(np.require(value, value.dtype.newbyteorder("="), ("C", "W")))
    if isinstance(value, torch.Tensor):  # where it lies, whatever the default device
        return value if dtype is None else value.to(dtype)
    return torch.as_tensor(value, dtype=dtype)


def shown(value: Any) -> str:
    r"""A value as an error message shows it: what is short in full, anything else by its type (and shape)."""
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return repr(value)[:80]
    shape = getattr(value, "shape", None)
    return type(value).__name__ + ("" if shape is None else f" of shape {tuple(shape)}")
