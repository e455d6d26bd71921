r"""One process at a time for a folder of results; a second one is told who is at work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout  # comes with torch

LOCK_FILE = ".lock"


@contextmanager
def one_at_a_time(folder: Path, doing: str) -> Iterator[None]:
    r"""Holds a folder of results for this process; the system lets go of it when the process ends, however.

    Args:
        folder: that is there.
        doing: what is done, for the sentence.

    Raises:
        BlockingIOError: another process holds it; one sentence.
    """
    file = folder / LOCK_FILE
    lock = FileLock(file, timeout=0)
    try:
        lock.acquire()
        file.write_text(str(os.getpid()))
    except Timeout:
        raise BlockingIOError(
            f"{doing} is at work in {folder} already (process {_pid(file)}); wait for it, end it, or give "
            "another folder"
        ) from None
    except (OSError, NotImplementedError):  # no locks on this file system, or nothing may be written there
        pass
    try:
        yield
    finally:
        lock.release()


def _pid(file: Path) -> str:
    try:
        return file.read_text() or "unknown"
    except OSError:  # Windows lets nobody else read it
        return "unknown"
