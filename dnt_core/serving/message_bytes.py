r"""A message and its bytes as one body: a length, the message as JSON, then the bytes one after the other.

The length is that of the JSON, four bytes, little-endian; the JSON is ``{"message": …, "sizes": [bytes of
each buffer]}``. ``page/message_bytes.js`` reads it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any


def pack(message: Any, buffers: Sequence[bytes] = ()) -> bytes:
    r"""One body of a message (anything that JSON takes) and some bytes."""
    text = json.dumps(
        {"message": message, "sizes": [len(b) for b in buffers]}, separators=(",", ":")
    ).encode()
    return b"".join([struct.pack("<I", len(text)), text, *buffers])


def unpack(body: bytes) -> tuple[Any, list[bytes]]:
    r"""What :func:`pack` was given."""
    (length,) = struct.unpack_from("<I", body)
    said, at, buffers = json.loads(body[4 : 4 + length]), 4 + length, []
    for size in said["sizes"]:
        buffers.append(body[at : at + size])
        at += size
    return said["message"], buffers
