r"""The process that something with threads was made in: one that is forked from it has none of them, and what
waits for them there waits for ever."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache


class OwnProcess:
    r"""Notes the process that something is made in.

    Args:
        what: is made, such as "a LiveFace".
        error: raised elsewhere.
    """

    def __init__(self, what: str, error: type[Exception] = RuntimeError) -> None:
        self._what, self._error, self._process = what, error, os.getpid()

    def check(self) -> None:
        r"""Raises the error, one sentence, in another process."""
        if os.getpid() != self._process:
            raise self._error(
                f"{self._what} works with threads, which a forked process does not have; "
                "make it in the process that uses it"
            )


@lru_cache(maxsize=8)
def kept_threads(name: str, threads: int) -> ThreadPoolExecutor:
    r"""So many threads, kept for the next call; a forked process gets its own.

    Args:
        name: what they do, before each one's number.
        threads: how many.
    """
    return ThreadPoolExecutor(threads, thread_name_prefix=name)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=kept_threads.cache_clear)
