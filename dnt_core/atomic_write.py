r"""Files that are written whole or not at all: a temporary sibling first, then one rename."""

from __future__ import annotations

import json
import math
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_RUST_ERROR = re.compile(r"\(os error (\d+)\)")  # how safetensors says that a file cannot be written
PART = ".part"  # stands in every temporary name, so that a scanner can tell it: .<stem>.<token>.part<suffix>


@contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    r"""Yields a temporary path beside ``path``; when the block ends well, it replaces ``path`` in one step.

    The temporary name is hidden (leading dot) and keeps the suffix, from which FFmpeg and ``np.savez`` take
    the format. If the block raises (Ctrl-C included), the temporary file is removed and what was at
    ``path`` before stays untouched. Missing parent folders are made. A killed process can leave a
    ``.<stem>.<token>.part<suffix>`` behind, never half a ``path``.

    Raises:
        ValueError: the block ended without having written the temporary file, or ``path`` is a folder.
        OSError: it cannot be written, such as on a full disk; the sentence names ``path``.
    """
    target = Path(path)
    if target.is_dir():
        raise ValueError(f"cannot write {target}: a folder of that name is there, expected a file name")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.stem}.{secrets.token_hex(4)}{PART}{target.suffix}")
    try:
        yield part
        if not part.exists():
            raise ValueError(f"nothing was written for {target}: {part.name} does not exist")
        os.replace(part, target)
    except OSError as error:
        known = error.filename is not None and type(error).__module__ == "builtins"
        if error.errno is None or known:
            raise
        # a full disk is said without the file that was being written; a library's own kind of OSError would
        # be taken for trouble with the file that is read meanwhile
        raise OSError(error.errno, f"{error.strerror}, while writing", str(target)) from error
    except Exception as error:
        number = _RUST_ERROR.search(str(error)) if type(error).__name__ == "SafetensorError" else None
        if number is None:
            raise
        raise OSError(int(number[1]), f"{os.strerror(int(number[1]))}, while writing", str(target)) from error
    finally:
        part.unlink(missing_ok=True)


def is_part(path: str | os.PathLike) -> bool:
    r"""Whether ``path`` is named like a temporary file that a killed :func:`atomic_path` left behind."""
    name = Path(path).name
    return name.startswith(".") and PART in name


def write_text(path: str | os.PathLike, text: str) -> Path:
    r"""Writes ``text`` as UTF-8 with ``\n`` line ends, whole or not at all; returns the path."""
    with atomic_path(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)


def write_json(path: str | os.PathLike, value: Any, indent: int | None = 2) -> Path:
    r"""Writes ``value`` as JSON, whole or not at all; returns the path.

    Raises:
        ValueError: ``value`` holds NaN or infinity, which JSON has no word for.
        TypeError: ``value`` holds something that JSON cannot hold.
    """
    try:
        text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
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
