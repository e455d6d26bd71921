r"""One device or several: ``torchrun`` says through its environment how many processes there are."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

DEVICE_VARIABLE = "DNT_DEVICE"


def one_device() -> torch.device:
    r"""The first GPU if there is one, else Apple's, else the CPU; ``DNT_DEVICE`` names another.

    Nothing here has been run on Apple's GPUs; ``DNT_DEVICE=cpu`` is the way around one that fails.

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
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


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


def is_first(fabric: Any) -> bool:
    r"""Whether this process is the one that reports and writes; without Fabric it is the only one."""
    return fabric is None or fabric.global_rank == 0


def rank_zero_first(fabric: Any) -> AbstractContextManager:
    r"""Inside, the first process goes ahead; the others wait until it is out, and find what it made."""
    return nullcontext() if fabric is None else fabric.rank_zero_first()


def launched_fabric() -> Any:
    r"""A launched ``lightning.fabric.Fabric`` if ``torchrun`` started this process among several, else None.

    GPUs where there are any, else CPU processes.

    Raises:
        ModuleNotFoundError: several processes, but Lightning (the ``cluster`` extra) is not installed.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return None
    try:
        from lightning.fabric import Fabric
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'training on several devices needs Lightning: pip install "dnt-core[cluster]"'
        ) from error
    here = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    nodes = int(os.environ.get("GROUP_WORLD_SIZE", "1"))
    fabric = Fabric(accelerator="auto", strategy="ddp", devices=here, num_nodes=nodes)
    fabric.launch()
    return fabric
