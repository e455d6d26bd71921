r"""Torch as this package computes with it, whatever its caller has set up: modes, precision, devices."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext

import torch

DEVICE_VARIABLE = "DNT_DEVICE"


def one_device(apple: bool = True) -> torch.device:
    r"""The first GPU if there is one, else Apple's, else the CPU; ``DNT_DEVICE`` names another.

    Nothing here has been run on Apple's GPUs; ``DNT_DEVICE=cpu`` is the way around one that fails.

    Args:
        apple: whether Apple's GPU is taken unasked.

    Raises:
        ValueError: ``DNT_DEVICE`` names no device that torch knows, or one that is not there.
    """
    if named := os.environ.get(DEVICE_VARIABLE):
        try:
            return usable_device(named)
        except ValueError as error:
            raise ValueError(f"{DEVICE_VARIABLE}={named}: there is no such device here") from error
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if apple and torch.backends.mps.is_available() else "cpu")


def usable_device(named: torch.device | str | None = None) -> torch.device:
    r"""A device that can hold a tensor here.

    Args:
        named: such as "cpu" or "cuda:1"; None: :func:`one_device`.

    Raises:
        ValueError: torch knows no such device, or it is not there.
    """
    if named is None:
        return one_device()
    try:
        return torch.empty(0, device=named).device
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:  # each kind its own
        raise ValueError(f"device {str(named)!r} cannot be used here; `dnt doctor` says which can") from error


def on_cpu() -> AbstractContextManager:
    r"""Inside, tensors are made on the CPU, also where the caller's default device is another.

    Where it is the CPU anyway nothing is set: torch would ask at each of its functions.
    """
    plain = torch.get_default_device().type == "cpu"
    return nullcontext() if plain else torch.device("cpu")


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    r"""Inside, torch's random numbers follow from a seed and are the CPU's, and so are tensors that are made;
    the caller's random numbers are left alone, those of GPUs, too, which ``torch.manual_seed`` would seed."""
    with on_cpu(), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


@contextmanager
def without_autocast() -> Iterator[None]:
    r"""Inside, CPU and GPU compute in the precision of their tensors: in a caller's autocast vertices would
    move by pixels."""
    with ExitStack() as modes:
        for kind in ("cpu", "cuda"):
            if torch.is_autocast_enabled(kind):
                modes.enter_context(torch.autocast(kind, enabled=False))
        yield


@contextmanager
def exact_inference() -> Iterator[None]:
    r"""Inside, nothing is noted for gradients, and CPU and GPU compute in the precision of their tensors.

    Not for generator functions that hand something over inside: whoever takes it would be in this mode, too.
    """
    with on_cpu(), torch.inference_mode(), without_autocast():
        yield
