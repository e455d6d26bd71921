r"""What a MATLAB 5 file holds by name, looked at before SciPy reads it.

SciPy 1.17 takes the kind of an array's numbers from the file as an index into a table of its own, without
looking whether it lies in the table: one wrong byte ends the whole process with a segmentation fault.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from pathlib import Path

_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
_NUMBERS = frozenset({1, 2, 3, 4, 5, 6, 7, 9, 12, 13})  # kinds of number that an array is stored in
_NUMERIC = range(6, 16)  # classes of array: double … uint64
_COMPLEX = 0x800
_HEAD = 4096  # bytes in which sizes and name of an array lie


def numeric_arrays(path: Path) -> set[str] | None:
    r"""Names of the arrays of numbers; None for another format, of which SciPy says what it is.

    Raises:
        ValueError: damaged so that SciPy may not come back from reading it.
    """
    with path.open("rb") as file:
        if path.stat().st_size <= _HEADER:
            return None
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
            major = data[125] if order == "<" else data[124]
            if order is None or major != 1:
                return None
            try:
                return _names(data, order)
            except (struct.error, zlib.error, IndexError) as error:
                raise ValueError(f"damaged or truncated ({error})") from error


def _names(data: mmap.mmap, order: str) -> set[str]:
    found, at = set(), _HEADER
    while at + 8 <= len(data):
        kind, size = struct.unpack_from(f"{order}II", data, at)
        begin, at = at + 8, at + 8 + size
        if kind == _COMPRESSED:
            packed = data[begin : min(at, begin + 2 * _HEAD)]  # within it stands the matrix with its header
            name = _numeric(zlib.decompressobj().decompress(packed, _HEAD), 8, order)
            if name is None:  # no numbers; or complex ones, or a long name
                name = _numeric(zlib.decompressobj().decompress(data[begin:at]), 8, order)
        elif kind == _MATRIX:
            name = _numeric(data, begin, order)
        else:
            raise ValueError(f"no array where one should begin, at byte {begin - 8}")
        found |= {name} if name is not None else set()
    return found


def _numeric(data: bytes | mmap.mmap, at: int, order: str) -> str | None:
    r"""The name of an array of numbers; None for cells, text and the like, and where its data end early."""
    try:
        (flags,) = struct.unpack_from(f"{order}I", data, at + 8)
        _, _, _, at = _element(data, at + 16, order)
        _, size, begin, at = _element(data, at, order)
        name = bytes(data[begin : begin + size]).decode("latin-1")
        if flags & 0xFF not in _NUMERIC:
            return None
        for _ in range(2 if flags & _COMPLEX else 1):
            kind, _, _, at = _element(data, at, order)
            if kind not in _NUMBERS:
                raise ValueError(f"its array {name!r} is of numbers of the unknown kind {kind}")
    except struct.error:
        return None
    return name


def _element(data: bytes | mmap.mmap, at: int, order: str) -> tuple[int, int, int, int]:
    r"""Kind, size in bytes, where it begins, where the next one stands."""
    kind, size = struct.unpack_from(f"{order}II", data, at)
    if kind >> 16:  # up to four bytes share the header
        return kind & 0xFFFF, kind >> 16, at + 4, at + 8
    return kind, size, at + 8, at + 8 + (size + 7) // 8 * 8
