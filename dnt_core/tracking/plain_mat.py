r"""Small uncompressed MATLAB 5 files, as ``savemat`` writes one per frame, read ten times faster than in
general.

Thousands of files with a dozen little arrays each: the general reader spends a millisecond on every one.
This one knows real, dense, numeric arrays in little-endian files and gives up, returning None, at anything
else.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

_KINDS = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8", 12: "<i8", 13: "<u8"}
_MATRIX, _HEADER = 14, 128


def read_plain_mat(path: Path) -> dict[str, np.ndarray] | None:
    r"""All arrays of the file by name, or None where it holds anything but plain numbers."""
    data = path.read_bytes()
    if len(data) < _HEADER or data[124:128] != b"\x00\x01IM":
        return None
    arrays, offset = {}, _HEADER
    try:
        while offset < len(data):
            kind, size = struct.unpack_from("<II", data, offset)
            if kind != _MATRIX or offset + 8 + size > len(data):
                return None
            name, value = _array(data, offset + 8)
            arrays[name] = value
            offset += 8 + size
    except (struct.error, KeyError, ValueError):
        return None
    return arrays


def _array(data: bytes, offset: int) -> tuple[str, np.ndarray]:
    r"""One array from its four elements: flags, sizes, name, numbers."""
    if data[offset + 9] & 0x0C:  # complex or logical
        raise ValueError("not plain")
    offset += 16
    sizes, offset = _element(data, offset)
    name, offset = _element(data, offset)
    numbers, _ = _element(data, offset)
    return name.tobytes().decode("ascii"), numbers.reshape(sizes.tolist(), order="F")


def _element(data: bytes, offset: int) -> tuple[np.ndarray, int]:
    kind, size = struct.unpack_from("<II", data, offset)
    if kind >> 16:  # a small element: size and kind share one word, the numbers the other
        size, kind, start = kind >> 16, kind & 0xFFFF, offset + 4
        following = offset + 8
    else:
        start = offset + 8
        following = start + (size + 7) // 8 * 8
    dtype = np.dtype(_KINDS[kind])
    return np.frombuffer(data, dtype, size // dtype.itemsize, start), following
