r"""Is a file of sound alone whole? Chunks with their lengths (CAF, W64, RF64, DSF, VOC), and rows of frames,
each of which says its own length (AAC in ADTS, AC-3, DTS, MPEG layer II, AMR).

A row of frames does not say how many there are, so a file that was cut between two of them cannot be told
from a whole one. What is no frame behind the last one was appended by somebody.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

_ROW = 3  # frames one behind the other that are no accident
_W64_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_VOC = b"Creative Voice File\x1a"
_AC3_KBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)
_LAYER_2_KBITS = {  # by the version's two bits: MPEG 1, MPEG 2
    3: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_LAYER_2_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000)}
_AMR = {  # file's first bytes → bytes of a frame by its type; others hold nothing
    b"#!AMR\n": (13, 14, 16, 18, 20, 21, 27, 32, 6),
    b"#!AMR-WB\n": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6),
}


def why_cut(file: BinaryIO, start: bytes, size: int) -> str | None:
    r"""Where a file of sound ends too early, such as "a frame of its sound"; None where nothing says so.

    Args:
        file: open for reading.
        start: its first bytes.
        size: of the file, bytes.
    """
    if (wanted := _whole_size(file, start, size)) is not None:
        return f"its sound, which ends at byte {wanted}" if wanted > size else None
    begin, length = _frames(start)
    return "a frame of its sound" if length is not None and _ends_in_a_frame(file, begin, length) else None


def _whole_size(file: BinaryIO, start: bytes, size: int) -> int | None:
    r"""How large a file of chunks is by its own word; None for other files, or where it does not say."""
    if start[:4] == b"caff":
        return _end_of_chunks(file, 8, size, _caf_chunk)
    if start[:20] == _VOC:
        return _end_of_chunks(file, int.from_bytes(start[20:22], "little"), size, _voc_block)
    places = {_W64_RIFF: (16, 0), b"DSD ": (12, 0), b"RF64": (20, 8)}  # where the size stands, what it omits
    for name, (at, more) in places.items():
        if start.startswith(name) and len(start) >= at + 8:
            return int.from_bytes(start[at : at + 8], "little") + more or None
    return None


def _end_of_chunks(
    file: BinaryIO, position: int, size: int, header: Callable[[bytes], tuple[int, int]]
) -> int | None:
    r"""Where the last chunk ends; None after a header that makes no sense or one of unknown length.

    Args:
        header: a chunk's first 12 bytes → how many of them are its header, and the length behind it.
    """
    while position < size:
        file.seek(position)
        head = file.read(12)
        if not head[:1].isalnum() and not head[0] < 10:
            return None
        if head[0] == 0:  # VOC's end
            return position + 1
        begin, length = header(head.ljust(12, b"\0"))
        if length < 0:
            return None
        position += begin + length
    return position


def _caf_chunk(head: bytes) -> tuple[int, int]:
    return 12, int.from_bytes(head[4:12], "big", signed=True)


def _voc_block(head: bytes) -> tuple[int, int]:
    return 4, int.from_bytes(head[1:4], "little")


def _frames(start: bytes) -> tuple[int, Callable[[bytes], int] | None]:
    r"""Where the first frame stands, and what says a frame's length (0: it is none) from its header."""
    for name, lengths in _AMR.items():
        if start.startswith(name):
            return len(name), partial(_amr, lengths)
    begin = 0
    if start[:3] == b"ID3" and len(start) >= 10:
        begin = 10 + sum((b & 127) << 7 * (3 - k) for k, b in enumerate(start[6:10]))
    head = start[begin : begin + 10].ljust(10, b"\0")
    return begin, next((length for length in (_adts, _ac3, _dts, _layer_2) if length(head)), None)


def _ends_in_a_frame(file: BinaryIO, position: int, length: Callable[[bytes], int]) -> bool:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        frames, size = 0, len(data)
        while position < size:
            step = length(data[position : position + 10].ljust(10, b"\0"))
            if not step:
                return False
            position, frames = position + step, frames + 1
        return position > size and frames > _ROW


def _adts(head: bytes) -> int:
    if head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0


def _ac3(head: bytes) -> int:
    if head[:2] != b"\x0b\x77":
        return 0
    if head[5] >> 3 > 10:  # E-AC-3
        return 2 * (((head[2] & 7) << 8 | head[3]) + 1)
    rate, code = head[4] >> 6, head[4] & 63
    if rate == 3 or code // 2 >= len(_AC3_KBITS):
        return 0
    kbits = _AC3_KBITS[code // 2]
    return 2 * (2 * kbits, 320 * kbits // 147 + code % 2, 3 * kbits)[rate]


def _dts(head: bytes) -> int:
    if head[:4] != b"\x7f\xfe\x80\x01":
        return 0
    return ((head[5] & 3) << 12 | head[6] << 4 | head[7] >> 4) + 1


def _layer_2(head: bytes) -> int:
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, kbits = head[2] >> 2 & 3, head[2] >> 4
    if head[0] != 0xFF or head[1] < 0xE0 or layer != 2 or version not in _LAYER_2_KBITS:
        return 0
    if rate == 3 or kbits in (0, 15):
        return 0
    return 144_000 * _LAYER_2_KBITS[version][kbits] // _LAYER_2_RATES[version][rate] + (head[2] >> 1 & 1)


def _amr(lengths: tuple[int, ...], head: bytes) -> int:
    kind = head[0] >> 3 & 15
    return lengths[kind] if kind < len(lengths) else 1
