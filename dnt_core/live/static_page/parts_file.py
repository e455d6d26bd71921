r"""Named parts in one compressed file, as a page reads them.

Inside the gzip stream: 4 bytes, the header's length (little endian); the header, JSON; then the parts, each
at a multiple of 16 bytes. ``page/face_file.js`` reads it.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

FORMAT = 3
ALIGNED = 16  # bytes


def parts_file(header: Mapping[str, Any], parts: Mapping[str, bytes]) -> bytes:
    r"""The file.

    Args:
        header: what JSON can hold; the parts' places are added.
        parts: name → bytes.
    """
    end, places = 0, {}
    for name, data in parts.items():
        places[name] = [end, len(data)]
        end += len(data) + -len(data) % ALIGNED
    head = json.dumps({**header, "format": FORMAT, "parts": places}, separators=(",", ":")).encode()
    head += b" " * (-(4 + len(head)) % ALIGNED)
    with io.BytesIO() as file:
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as out:
            out.write(len(head).to_bytes(4, "little") + head)
            for data in parts.values():
                out.write(data + bytes(-len(data) % ALIGNED))
        return file.getvalue()


def pack_steps(numbers: np.ndarray) -> bytes:
    r"""16-bit numbers as steps along the last axis, modulo 2¹⁶, small ones first in size; all low bytes, then
    all high bytes.

    Args:
        numbers: (..., n) integer, in [-32768, 32767].
    """
    rows = np.ascontiguousarray(numbers).reshape(-1, numbers.shape[-1])
    step = np.diff(rows.astype(np.int64), axis=1, prepend=0).astype(np.uint16)
    signed = step.view(np.int16).astype(np.int32)
    folded = ((signed << 1) ^ (signed >> 31)).astype(np.uint16)
    return (folded & 255).astype(np.uint8).tobytes() + (folded >> 8).astype(np.uint8).tobytes()
