r"""One device or several: ``torchrun`` says through its environment how many processes there are."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any


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
