r"""Wav files one behind the other in one file, as servers that speak a text sentence by sentence send them:
players and FFmpeg stop behind the first."""

from __future__ import annotations

import os
from io import RawIOBase
from itertools import accumulate
from typing import BinaryIO

from dnt_core.clips.clip_error import ClipError

_UNKNOWN = b"\xff\xff\xff\xff"  # a length that nobody knows yet


class JoinedWavs(RawIOBase):
    r"""Such a file as one wav: the header of the first, then the sound of all.

    Args:
        path: of the file.
        header: what stands in front.
        sounds: where each sound begins, and how many bytes it has.
    """

    def __init__(self, path: str | os.PathLike, header: bytes, sounds: list[tuple[int, int]]) -> None:
        self._file, self._header = open(path, "rb"), header
        self._sounds, self._at = sounds, 0
        self._ends = list(accumulate((length for _, length in sounds), initial=len(header)))

    @classmethod
    def of(cls, path: str | os.PathLike) -> JoinedWavs | None:
        r"""None for all other files.

        Raises:
            ClipError: the sounds are not all of one kind.
        """
        with open(path, "rb") as file:
            size, start = os.fstat(file.fileno()).st_size, file.read(12)
            if not _is_wav(start) or int.from_bytes(start[4:8], "little") + 20 > size:
                return None
            files, found = _sounds_in(file, size)
        if files < 2 or not found:
            return None
        form = found[0][0]
        if any(other != form for other, _, _ in found):
            raise ClipError(
                f"{path} cannot be read: it is {files} wav files of different kinds, put together"
            )
        header = b"RIFF" + _UNKNOWN + b"WAVEfmt " + len(form).to_bytes(4, "little") + form
        return cls(path, header + b"data" + _UNKNOWN, [(begin, length) for _, begin, length in found])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._ends[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = self._ends[-1] if size < 0 else self._at + size
        pieces = [self._header[self._at : end]]
        for (begin, length), first in zip(self._sounds, self._ends, strict=False):
            skip, stop = max(0, self._at - first), min(length, end - first)
            if skip < stop:
                self._file.seek(begin + skip)
                pieces.append(self._file.read(stop - skip))
        read = b"".join(pieces)
        self._at += len(read)
        return read

    def close(self) -> None:
        self._file.close()
        super().close()


def _is_wav(start: bytes) -> bool:
    return start[:4] == b"RIFF" and start[8:12] == b"WAVE"


def _sounds_in(file: BinaryIO, size: int) -> tuple[int, list[tuple[bytes, int, int]]]:
    r"""How many files there are, and of each sound its format, its place and its length."""
    at, files, form, found = 0, 0, b"", []
    while at + 8 <= size:
        file.seek(at)
        start = file.read(12)
        if _is_wav(start):
            at, files = at + 12, files + 1
            continue
        kind, length = start[:4], int.from_bytes(start[4:8], "little")
        if not kind.strip().isalnum():
            break  # appended by somebody
        length = min(length, size - at - 8)
        if kind == b"fmt ":
            file.seek(at + 8)
            form = file.read(length)
        elif kind == b"data":
            found.append((form, at + 8, length))
        at += 8 + length + length % 2
    return files, found
