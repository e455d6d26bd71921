r"""Files that are written whole or not at all: a temporary sibling first, then one rename."""

from __future__ import annotations

import json
import math
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

_RUST_ERROR = re.compile(r"\(os error (\d+)\)")  # how safetensors says that a file cannot be written
PART = ".part"  # stands in every temporary name, so that a scanner can tell it: .<stem>.<token>.part<suffix>
_LONGEST_NAME = 255  # bytes, of one file on the usual file systems


@contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    r"""Yields a temporary path beside ``path``; when the block ends well, it replaces ``path`` in one step.

    The temporary name is hidden (leading dot) and keeps the suffix, from which FFmpeg and ``np.savez`` take
    the format. If the block raises (Ctrl-C included), the temporary file is removed and what was at
    ``path`` before stays untouched. Missing parent folders are made. A killed process can leave a
    ``.<stem>.<token>.part<suffix>`` behind, never half a ``path``.

    A link stays a link: the file behind it is written. A file that is there keeps its permissions; a new one
    gets those of any new file in its folder, whatever its writer chose (safetensors 0.8: the owner's alone).
    A device or a pipe, such as ``/dev/stdout``, stays what it is and is given the bytes at the end.

    Raises:
        ValueError: the block ended without having written the temporary file, ``path`` is a folder, or what
            should be its folder is a file.
        OSError: it cannot be written, such as on a full disk; the sentence names ``path``.
    """
    target = Path(path)
    if target.is_dir():
        raise ValueError(f"cannot write {target}: a folder of that name is there, expected a file name")
    place = Path(os.path.realpath(target)) if target.is_symlink() else target
    if target.exists() and not target.is_file():
        with tempfile.TemporaryDirectory(prefix="dnt_") as folder:
            yield from _written(target, Path(folder) / _part_name(place), partial(_pour, place=place))
    else:
        make_folder(place.parent, target)
        yield from _written(target, place.with_name(_part_name(place)), partial(os.replace, dst=place), place)


def _written(
    target: Path, part: Path, finish: Callable[[Path], object], like: Path | None = None
) -> Iterator[Path]:
    r"""Yields ``part`` and finishes with it; errors name ``target``."""
    try:
        mode = _mode(part, like)
        yield part
        if not part.exists():
            raise ValueError(f"nothing was written for {target}: {part.name} does not exist")
        part.chmod(mode)
        finish(part)
    except OSError as error:
        known = error.filename is not None and type(error).__module__ == "builtins"
        if error.errno is None or (known and error.filename != str(part)):
            raise
        # a full disk is said without the file that was being written, and a temporary name tells nobody
        # anything; a library's own kind of OSError would be taken for trouble with the file that is read
        raise OSError(error.errno, f"{error.strerror}, while writing", str(target)) from error
    except Exception as error:
        number = _RUST_ERROR.search(str(error)) if type(error).__name__ == "SafetensorError" else None
        if number is None:
            raise
        raise OSError(int(number[1]), f"{os.strerror(int(number[1]))}, while writing", str(target)) from error
    finally:
        with suppress(OSError):  # a read-only file system refuses even to look, and its error names ``part``
            part.unlink(missing_ok=True)


def _part_name(place: Path) -> str:
    r"""A temporary name that is no longer than a file's name may be."""
    token = secrets.token_hex(4)
    room = _LONGEST_NAME - len(os.fsencode(f"..{token}{PART}{place.suffix}"))
    stem = place.stem
    while len(os.fsencode(stem)) > max(room, 0):
        stem = stem[:-1]
    return f".{stem}.{token}{PART}{place.suffix}"


def _mode(part: Path, like: Path | None) -> int:
    r"""Permissions of the file that is there, or those that the system gives to a new one in the folder."""
    if like is not None and like.exists():
        return like.stat().st_mode & 0o777
    with open(part, "xb") as new:
        mode = os.fstat(new.fileno()).st_mode & 0o777
    part.unlink()
    return mode


def make_folder(folder: str | os.PathLike, target: str | os.PathLike | None = None) -> Path:
    r"""Makes a folder and those above it; one that is there is left as it is.

    Args:
        folder: to make.
        target: what is to be written into it, for errors; None: the folder itself.

    Raises:
        ValueError: a file stands in its place, or in that of a folder above it.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        found = next(place for place in (folder, *folder.parents) if place.exists() or place.is_symlink())
        raise ValueError(f"cannot write {target or folder}: {found} is a file, expected a folder") from error
    return folder


def _pour(part: Path, place: Path) -> None:
    with open(part, "rb") as source, open(place, "wb") as sink:
        shutil.copyfileobj(source, sink)


def is_part(path: str | os.PathLike) -> bool:
    r"""Whether ``path`` is named like a temporary file that a killed :func:`atomic_path` left behind."""
    name = Path(path).name
    return name.startswith(".") and PART in name


def write_text(path: str | os.PathLike, text: str) -> Path:
    r"""Writes ``text`` as UTF-8 with ``\n`` line ends, whole or not at all; returns the path."""
    with atomic_path(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)


def write_json(path: str | os.PathLike, value: Any) -> Path:
    r"""Writes ``value`` as JSON, whole or not at all; returns the path.

    Raises:
        ValueError: ``value`` holds NaN or infinity, which JSON has no word for.
        TypeError: ``value`` holds something that JSON cannot hold.
    """
    try:
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ValueError(f"cannot write {path} as JSON: {error}; expected finite numbers") from error
    return write_text(path, text + "\n")


def without_nan(value: Any) -> Any:
    r"""``value`` with None in place of every float that is not finite, for which JSON has no word: such as a
    mean over nothing, the PSNR of mouths that never open. Dicts, lists and tuples are gone through.
    """
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
