r"""Files one behind the other in one file of a kind that FFmpeg does not read on: of mp4 and AIFF it reads
the first alone, as players do, and of FLAC it loses pieces of the sound where one file meets the next.

Wav files are read on, see :mod:`joined_wav`; of Ogg, WebM, mp3, ADTS and AU FFmpeg reads all by itself.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator
from typing import BinaryIO

_FLACS = (
    "damaged: it is {} FLAC files, put together byte by byte, and sound would be lost where they meet; join "
    "them so: `ffmpeg -i 1.flac -i 2.flac -filter_complex concat=n=2:v=0:a=1 OUT.wav`"
)
_FLAC_START = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")  # and what must stand behind it


def why_flacs_lose_sound(file: BinaryIO) -> str | None:
    r"""Says it of a file that holds several FLAC files; None for one alone."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        files = sum(1 for _ in _FLAC_START.finditer(data))
    return _FLACS.format(files) if files > 1 else None


def unread_remark(path: str | os.PathLike) -> str | None:
    r"""``"2 files put together; the first alone is read"`` of an mp4 or an AIFF; None for all other files."""
    with open(path, "rb") as file:
        start, size = file.read(12), os.fstat(file.fileno()).st_size
        if start[4:8] in (b"ftyp", b"moov", b"mdat"):
            kinds = [kind for kind, _ in _parts(file, size, before=4)]
            files = 0 if b"moof" in kinds else kinds.count(b"moov")  # fragments may repeat their index
        elif start[:4] == b"FORM" and start[8:11] == b"AIF":
            files = sum(kind == b"FORM" and form[:3] == b"AIF" for kind, form in _parts(file, size, before=0))
        else:
            return None
    return f"{files} files put together; the first alone is read, as by players" if files > 1 else None


def _parts(file: BinaryIO, size: int, before: int) -> Iterator[tuple[bytes, bytes]]:
    r"""Kind, and the four bytes behind the header, of each part; ``before`` 4: its length stands first, and
    counts the header."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        kind, length = head[before : before + 4], int.from_bytes(head[4 - before : 8 - before], "big")
        if before:
            length = int.from_bytes(head[8:16], "big") if length == 1 else length or size - at
        else:
            length += 8 + length % 2
        if length < 8:
            return
        yield kind, head[8:12]
        at += length
