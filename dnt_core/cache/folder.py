r"""The folder of what is built once per machine: one place, named with its size, emptied by ``dnt cache``."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dnt_core.atomic_write import is_part

UNUSED_DAYS = 30  # files that no process read for so long are removed when the next one is written
ROOMS = ("built", "kernels")


def cache_folder() -> Path:
    r"""The writable folder that holds everything built once; made if missing.

    The first of these that can be written: ``$DNT_HOME/cache``, ``$XDG_CACHE_HOME/dnt``, ``~/.cache/dnt``, a
    folder of this user among the machine's temporary files, a temporary folder of this process.
    """
    return _writable(os.environ.get("DNT_HOME", ""), os.environ.get("XDG_CACHE_HOME", ""), _home())


def _home() -> str:
    home = os.path.expanduser("~")  # "~" itself where the user has no name and no HOME
    return home if os.path.isabs(home) else ""


@lru_cache(maxsize=8)
def _writable(dnt_home: str, xdg: str, home: str) -> Path:
    candidates = [
        Path(dnt_home).expanduser().absolute() / "cache" if dnt_home else None,
        Path(xdg) / "dnt" if os.path.isabs(xdg) else None,  # the XDG standard: relative ones are ignored
        Path(home) / ".cache" / "dnt" if home else None,
    ]
    for folder in candidates:
        if folder is not None and _can_write(folder):
            return folder
    user = os.getuid() if hasattr(os, "getuid") else "user"
    shared = Path(tempfile.gettempdir()) / f"dnt-{user}"
    if _can_write(shared, private=True):
        return shared
    return Path(tempfile.mkdtemp(prefix="dnt-"))


def _can_write(folder: Path, private: bool = False) -> bool:
    r"""Makes ``folder`` and tries to write into it; a ``private`` one must belong to this user alone."""
    try:
        folder.mkdir(parents=not private, exist_ok=True, mode=0o700 if private else 0o777)
        if private and hasattr(os, "getuid"):
            status = folder.lstat()
            mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
            if not mine or status.st_mode & 0o077:  # compiled code is read from it: nobody else may write
                return False
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


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


def remove_unused(room: Path, now: float | None = None) -> None:
    r"""Removes files of ``room`` unused for :data:`UNUSED_DAYS`, and what killed processes left, after a day.

    Args:
        room: a folder of the cache. now: seconds since the epoch; default: the clock's.
    """
    now = time.time() if now is None else now
    for path in _files(room):
        try:
            age = now - path.stat().st_mtime
            if age > 86_400 * (1 if is_part(path) else UNUSED_DAYS):
                path.unlink()
        except OSError:  # removed already, or in use on Windows
            continue


def _files(folder: Path) -> list[Path]:
    rooms = [folder] if folder.name in ROOMS else [folder / room for room in ROOMS]
    return [path for room in rooms if room.is_dir() for path in room.rglob("*") if path.is_file()]
