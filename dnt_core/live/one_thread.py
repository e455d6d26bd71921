r"""Torch on one thread for a moment: a small picture is drawn before a team of threads has met.

Threads of a team go on spinning for a while after their work, on the processor that others need: a face that
is folded behind, by a team of its own, doubled the time of the pictures drawn meanwhile and after.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    r"""Torch's operations in this Python thread start no others; afterwards it is as before."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
