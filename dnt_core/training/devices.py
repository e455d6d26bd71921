r"""One device or several: ``torchrun`` says through its environment how many processes there are."""

from __future__ import annotations

import os
from typing import Any


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
