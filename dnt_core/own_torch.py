r"""Torch as this package computes with it, whatever its caller has set up: modes, precision, devices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch


def on_cpu() -> AbstractContextManager:
    r"""Inside, tensors are made on the CPU, also where the caller's default device is another.

    Where it is the CPU anyway nothing is set: torch would ask at each of its functions.
    """
    plain = torch.get_default_device().type == "cpu"
    return nullcontext() if plain else torch.device("cpu")


@contextmanager
def exact_inference() -> Iterator[None]:
    r"""Inside, nothing is noted for gradients and the CPU computes in the precision of its tensors.

    In a caller's autocast vertices would move by pixels. Not for generator functions that hand something over
    inside: whoever takes it would be in this mode, too.
    """
    with on_cpu(), torch.inference_mode(), torch.autocast("cpu", enabled=False):
        yield
