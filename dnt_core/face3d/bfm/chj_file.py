r"""The .chj container WM3DR keeps its face model in: a count, then plain arrays one after the other."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np

ARRAYS = (
    "meanshape", "idBase", "exBase", "meantex", "texBase", "tri", "keypoints", "frontmask2_idx", "tri_mask2",
    "point_buf", "skinmask",
)  # fmt: skip
TYPES = {0: "<i4", 1: "<f4", 2: "<i8", 3: "<f8", 4: "?", 5: "u1"}
_MOST_DIMENSIONS = 8


def read_chj(path: str | PathLike[str]) -> dict[str, np.ndarray]:
    r"""The eleven arrays of a .chj face model by the names their MATLAB siblings have.

    Layout, all little-endian: int32 count; per array int32 ndim, int32 dims, int32 type (0 int32, 1 float32,
    2 int64, 3 float64, 4 bool, 5 uint8), then the numbers in C order. Indices count from 0, colours are in
    [0, 1].

    Args:
        path: the ``.chj`` file.

    Raises:
        FileNotFoundError: no such file.
        ValueError: the count is not eleven, a header makes no sense, or the file ends early or goes on too
            long.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    data = path.read_bytes()
    offset = 0

    def integers(n: int, what: str) -> list[int]:
        nonlocal offset
        if offset + 4 * n > len(data):
            raise ValueError(f"{path}: truncated in the header of {what}, after {len(data)} bytes")
        values = np.frombuffer(data, "<i4", n, offset).tolist()
        offset += 4 * n
        return values

    (count,) = integers(1, "the file")
    if count != len(ARRAYS):
        raise ValueError(
            f"{path}: not a .chj face model: it announces {count} arrays, expected {len(ARRAYS)}"
        )
    arrays = {}
    for name in ARRAYS:
        (ndim,) = integers(1, name)
        if not 0 <= ndim <= _MOST_DIMENSIONS:
            raise ValueError(f"{path}: {name} announces {ndim} dimensions, expected 0 to {_MOST_DIMENSIONS}")
        shape = integers(ndim, name)
        (code,) = integers(1, name)
        if code not in TYPES or any(size < 0 for size in shape):
            raise ValueError(f"{path}: {name} announces shape {shape} of type {code}, expected types 0 to 5")
        dtype = np.dtype(TYPES[code])
        n_bytes = int(np.prod(shape, dtype=object)) * dtype.itemsize  # object: no overflow of absurd shapes
        if offset + n_bytes > len(data):
            raise ValueError(
                f"{path}: truncated in {name}: {n_bytes} bytes announced, {len(data) - offset} left"
            )
        arrays[name] = np.frombuffer(data, dtype, n_bytes // dtype.itemsize, offset).reshape(shape).copy()
        offset += n_bytes
    if offset != len(data):
        raise ValueError(f"{path}: {len(data) - offset} bytes follow the last array, expected none")
    return arrays
