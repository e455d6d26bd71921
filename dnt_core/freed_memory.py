r"""Memory that the process has freed stays with it."""

import numpy as np


def keep_freed_memory() -> None:
    r"""From here on glibc keeps up to 64 MB that were freed, instead of giving them back to the system.

    What is given back has to be asked for again and is cleared then: a tenth of a scan and of a training
    step. The bound grows with the largest block that was freed so far, 32 MB at most; its pages are never
    touched. Other C libraries have rules of their own, and nothing changes.
    """
    np.empty(2**25 - 2**16, np.uint8)
