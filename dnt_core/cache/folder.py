r"""The folder of what is built once per machine: one place, named with its size, emptied by ``dnt cache``."""

from __future__ import annotations

import math
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dnt_core.atomic_write import is_part
from dnt_core.paths import cache_folder

UNUSED_DAYS = 30  # files that no process read for so long are removed when the next one is written
ROOMS = ("built", "graphs", "kernels")


@dataclass(frozen=True)
class CacheSize:
    r"""Where the cache lies and how large it is."""

    folder: Path
    files: int
    size: int  # bytes

    def __str__(self) -> str:
        return f"{self.folder}: {self.size / 1e6:.0f} MB in {self.files} files"


def cache_size() -> CacheSize:
    r"""The folder, the number of its files and their size in bytes."""
    folder, files, total = cache_folder(), 0, 0
    for path in _files(folder):
        try:
            total += path.stat().st_size
        except OSError:  # another process removed it meanwhile
            continue
        files += 1
    return CacheSize(folder, files, total)


def clear_cache() -> CacheSize:
    r"""Removes everything that was built; returns what was there.

    Running processes keep what they have mapped. Files that belong to something else stay where they are.
    """
    before = cache_size()
    for room in ROOMS:
        shutil.rmtree(before.folder / room, ignore_errors=True)
    return before


def remove_unused(room: Path, now: float | None = None, limit: float = math.inf) -> None:
    r"""Removes files of ``room`` unused for :data:`UNUSED_DAYS`, and what killed processes left, after a day.

    Args:
        room: a folder of the cache.
        now: seconds since the epoch; default: the clock's.
        limit: bytes that the room may hold; those unused for longest are removed beyond it.
    """
    now, held = time.time() if now is None else now, 0
    for path in sorted(_files(room), key=_used, reverse=True):
        try:
            found, days = path.stat(), 1 if is_part(path) else UNUSED_DAYS
            held += found.st_size
            if now - found.st_mtime > 86_400 * days or (held > limit and not is_part(path)):
                path.unlink()
        except OSError:  # removed already, or in use on Windows
            continue


def note_use(path: Path) -> None:
    r"""Notes that a file was read, for :func:`remove_unused`; its time is changed once per day at most."""
    with suppress(OSError):  # another user's file in a shared folder, or removed meanwhile
        if time.time() - path.stat().st_mtime > 86_400:
            os.utime(path)


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _files(folder: Path) -> list[Path]:
    rooms = [folder] if folder.name in ROOMS else [folder / room for room in ROOMS]
    return [path for room in rooms if room.is_dir() for path in room.rglob("*") if path.is_file()]
