r"""Arrays that are built once per machine and mapped from a file by every later process.

A function decorated with :func:`built_once` runs when its result is in no file yet. The file's name carries a
digest of the code that makes the arrays, of the arguments and of NumPy's version, so that a changed line or
knob is a changed name. Files are safetensors, written whole or not at all: of two processes that start at
once, each may write the same bytes, and neither reads half a file.

A few small results are shipped with the package, in ``shipped/``, so that not even the first process builds
them. A changed line makes them stale: they are then built as any other, until :func:`ship` writes them anew.
"""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any

import numpy as np

from dnt_core.atomic_write import atomic_path
from dnt_core.cache.folder import note_use, remove_unused
from dnt_core.paths import cache_folder

FORMAT = 2
PACKAGE = Path(__file__).parents[1]
SHIPPED = Path(__file__).with_name("shipped")
_DTYPES = {
    "F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "U8": "u1", "BOOL": "?",
}  # fmt: skip

Arrays = np.ndarray | Mapping[str, np.ndarray]
_ONE = "array"  # the name of a result that is one array


def built_once(*code: str) -> Callable[[Callable[..., Arrays]], Callable[..., Arrays]]:
    r"""Decorates a function of plain arguments (str, int, float) that returns an array, or named arrays.

    Args:
        code: files and folders of the package that decide what comes out, such as ``"face3d/procedural"``; a
            folder stands for the files in it, not for its folders.

    Returns:
        The decorator. The arrays that the decorated function returns lie in memory that is shared with all
        processes until it is written to, and then is this process's own: they are as good as new ones.
    """

    def decorate(build: Callable[..., Arrays]) -> Callable[..., Arrays]:
        @wraps(build)
        def built(*arguments) -> Arrays:
            path = built_path(build.__name__, arguments, code)
            arrays = _read(shipped_path(built, *arguments)) or _read(path)
            if arrays is None:
                arrays = _made(build, arguments)
                _write(path, arrays)
            else:
                note_use(path)
            return arrays[_ONE] if _ONE in arrays else arrays

        built.code = code  # type: ignore[attr-defined]
        return built

    return decorate


@contextmanager
def one_thread() -> Iterator[None]:
    r"""Linear algebra on one thread: more of them sum in another order, and the last bits would differ."""
    import scipy.linalg  # noqa: F401  brings a BLAS of its own, which a limit set before would not reach
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def _made(build: Callable[..., Arrays], arguments: tuple) -> Mapping[str, np.ndarray]:
    with one_thread():
        made = build(*arguments)
    return made if isinstance(made, Mapping) else {_ONE: made}


def built_path(name: str, arguments: tuple, code: tuple[str, ...]) -> Path:
    r"""The file of one result: readable name, then the digest of code, arguments and NumPy's version."""
    return cache_folder() / "built" / _file_name(name, arguments, code, np.__version__)


def _file_name(name: str, arguments: tuple, code: tuple[str, ...], *more: str) -> str:
    said = repr((FORMAT, name, arguments, *more)).encode()
    digest = hashlib.blake2b(said + code_digest(*code), digest_size=10).hexdigest()
    words = "-".join([name.strip("_"), *(str(a) for a in arguments)])
    plain = "".join(c if c.isalnum() or c in "-._" else "_" for c in words)[:80]
    return f"{plain}-{digest}.safetensors"


def shipped_path(built: Callable[..., Arrays], *arguments) -> Path:
    r"""The file in which one result would be shipped, whatever the version of NumPy.

    Args:
        built: a function that :func:`built_once` decorated.
        arguments: of it.
    """
    return SHIPPED / _file_name(built.__name__, arguments, built.code)  # type: ignore[attr-defined]


def ship(*calls: tuple[Any, ...]) -> None:
    r"""Builds results anew and makes them all that is shipped.

    Args:
        calls: each a function that :func:`built_once` decorated, and its arguments.
    """
    SHIPPED.mkdir(exist_ok=True)
    for old in SHIPPED.glob("*.safetensors"):
        old.unlink()
    for built, *arguments in calls:
        _write(shipped_path(built, *arguments), _made(built.__wrapped__, tuple(arguments)))


@cache
def code_digest(*code: str) -> bytes:
    r"""The digest of files' contents; ``code`` as in :func:`built_once`.

    Raises:
        FileNotFoundError: no file or folder of the package is called so.
    """
    digest = hashlib.blake2b(digest_size=20)
    for place in code:
        path = PACKAGE / place
        files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
        for file in files:
            contents = file.read_bytes()
            digest.update(f"{file.name} {len(contents)}\n".encode() + contents)
    return digest.digest()


def _read(path: Path) -> dict[str, np.ndarray] | None:
    r"""The arrays of a safetensors file, mapped copy-on-write; None when there is no whole file."""
    try:
        with open(path, "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        header.pop("__metadata__", None)
        arrays = {}
        for name, entry in header.items():
            dtype, (start, stop) = np.dtype(_DTYPES[entry["dtype"]]), entry["data_offsets"]
            flat = np.frombuffer(data, dtype, (stop - start) // dtype.itemsize, 8 + length + start)
            arrays[name] = flat.reshape(entry["shape"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return arrays


def _write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    r"""Keeps the arrays for later processes; a full or read-only disk costs time and nothing else."""
    from safetensors.numpy import save_file

    try:
        remove_unused(path.parent)
        with atomic_path(path) as part:
            save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part)
            part.chmod(0o644)  # DNT_HOME may be shared by a class
    except Exception as error:  # safetensors has an error of its own for a full disk
        if not isinstance(error, OSError) and type(error).__module__.split(".")[0] != "safetensors":
            raise
