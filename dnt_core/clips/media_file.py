r"""Opening a media file, or one clear sentence that says why it cannot be opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import FileIO

import av

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.container_ends import end_of_whole, why_broken
from dnt_core.clips.joined_wav import JoinedWavs
from dnt_core.paths import user_path

__all__ = ["file_url", "open_media", "why_broken"]


def file_url(path: str | os.PathLike) -> str:
    r"""The path as FFmpeg takes it for a file, whatever colons are in it (``M003: take 2/001.mp4``).

    Args:
        path: of a file.
    """
    return f"file:{os.fspath(path)}"


@contextmanager
def open_media(path: str | os.PathLike, checked: bool = False) -> Iterator[av.container.InputContainer]:
    r"""Opens a media file for reading; every FFmpeg error inside the block becomes a :class:`ClipError`.

    Nothing but files is opened, so that a playlist in a clip's place fetches nothing from a network.

    Args:
        path: any file FFmpeg reads.
        checked: its container has been looked at (:func:`why_broken`) a moment ago.

    Raises:
        ClipError: missing, empty, truncated, unknown to FFmpeg, or damaged where it is decoded.
    """
    path = user_path(path)
    reason = None if checked else why_broken(path)
    if reason:
        raise ClipError(f"{path} cannot be read: {reason}")
    try:
        patched = _FullSamples.of(path) or JoinedWavs.of(path)
        container = _opened(patched or file_url(path), _known_format(path))
    except (av.FFmpegError, OSError) as error:
        container = _opened_without_trailer(path)
        if container is None:
            said = f"FFmpeg finds no media in it ({_words(error)})"
            raise ClipError(f"{path} cannot be read: {said}") from error
    with patched or nullcontext(), container:
        try:
            yield container
        except av.FFmpegError as error:
            raise ClipError(f"{path} cannot be decoded to its end: {_words(error)}") from error


class _FullSamples(FileIO):
    r"""A wav whose samples leave whole bytes empty (24 bits in 32), as if they used all bits.

    The bits that are used stand at the top, so the values are the same; FFmpeg would take them for floats or
    for samples without a byte between them.
    """

    place: int
    bits: bytes

    @classmethod
    def of(cls, path: str | os.PathLike) -> _FullSamples | None:
        r"""None for all other files."""
        with open(path, "rb") as file:
            start = file.read(4096)
        at = start.find(b"fmt ")
        if start[:4] not in (b"RIFF", b"RF64") or at < 0 or start[at + 8 : at + 10] != b"\xfe\xff":
            return None
        all_bits, used = (int.from_bytes(start[k : k + 2], "little") for k in (at + 22, at + 26))
        if not 0 < used <= all_bits - 8:
            return None
        opened = cls(path)
        opened.place, opened.bits = at + 26, start[at + 22 : at + 24]
        return opened

    def read(self, size: int = -1) -> bytes:
        r"""As of any file, with what the header says of the bits that are used changed."""
        begin = self.tell()
        data = bytearray(super().read(size))
        for place, value in enumerate(self.bits, self.place - begin):
            if 0 <= place < len(data):
                data[place] = value
        return bytes(data)


def _opened(url: str | _FullSamples | JoinedWavs, form: str | None = None) -> av.container.InputContainer:
    return av.open(
        url, format=form, metadata_errors="replace", container_options={"protocol_whitelist": "file,subfile"}
    )


def _known_format(path: str | os.PathLike) -> str | None:
    r"""FFmpeg's name of an mp4's format, so that it need not ask all of its formats; None for others."""
    with open(path, "rb") as file:
        start = file.read(12)
    return "mp4" if start[4:8] == b"ftyp" and start[8:10] != b"jp" and start[8:11] != b"jxl" else None


def _opened_without_trailer(path: str | os.PathLike) -> av.container.InputContainer | None:
    r"""FFmpeg stumbles over some of what is appended to a whole mp4: the same without it."""
    end = end_of_whole(path)
    if not end:
        return None
    try:
        return _opened(f"subfile,,start,0,end,{end},,:{file_url(path)}")
    except (av.FFmpegError, OSError):
        return None


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
