r"""Opening a media file, or one clear sentence that says why it cannot be opened."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from dnt_core.clips.clip_error import ClipError

_FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"}


def why_broken(path: str | os.PathLike) -> str | None:
    r"""Says why a media file cannot be whole, from its size and the headers of its top-level MP4 boxes alone.

    An mp4/m4a is a chain of boxes, each of which begins with its length. A file cut off by a broken archive
    ends inside a box; one whose writer was killed has no ``moov`` box. No byte is decoded, so this costs some
    microseconds. Files that are not MP4 (wav, avi …) are only checked for being empty.

    Returns:
        None if nothing is wrong so far, else "kind: details" without the path; the kinds are missing, not a
        file, empty, truncated and damaged.
    """
    path = Path(path)
    if not path.exists():
        return "missing: the file does not exist"
    if path.is_dir():
        return "not a file: it is a folder"
    size = path.stat().st_size
    if size == 0:
        return "empty: the file has 0 bytes"
    with path.open("rb") as file:
        position, boxes = 0, []
        while position < size:
            file.seek(position)
            header = file.read(16)
            kind = header[4:8]
            if position == 0 and kind not in _FIRST_BOXES:
                return None  # not an MP4: FFmpeg will tell
            if len(header) < 8:
                return f"truncated: the file ends inside a box header ({size} bytes)"
            length = struct.unpack(">I", header[:4])[0]
            if length == 1 and len(header) == 16:
                length = struct.unpack(">Q", header[8:16])[0]
            elif length == 0:  # the box reaches to the end of the file
                length = size - position
            name = kind.decode("latin-1") if kind.isalnum() else "?"
            if length < 8:
                return f"damaged: box '{name}' at byte {position} claims a length of {length}"
            if position + length > size:
                return f"truncated: it ends inside its '{name}' box ({size} of {position + length} bytes)"
            boxes.append(kind)
            position += length
    if b"moov" not in boxes:
        return "truncated: the file has no 'moov' box, so its index was never written"
    if b"mdat" not in boxes:
        return "truncated: the file has no 'mdat' box, so no frame or sound is in it"
    return None


@contextmanager
def open_media(path: str | os.PathLike) -> Iterator[av.container.InputContainer]:
    r"""Opens a media file for reading; every FFmpeg error inside the block becomes a :class:`ClipError`.

    Raises:
        ClipError: missing, empty, truncated, unknown to FFmpeg, or damaged where it is decoded.
    """
    reason = why_broken(path)
    if reason:
        raise ClipError(f"{path} cannot be read: {reason}")
    try:
        container = av.open(str(path))
    except av.FFmpegError as error:
        raise ClipError(f"{path} cannot be read: FFmpeg finds no media in it ({_words(error)})") from error
    with container:
        try:
            yield container
        except av.FFmpegError as error:
            raise ClipError(f"{path} cannot be decoded to its end: {_words(error)}") from error


def _words(error: av.FFmpegError) -> str:
    return getattr(error, "strerror", None) or str(error)
