r"""Opening a media file, or one clear sentence that says why it cannot be opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import av

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.container_ends import end_of_whole, why_broken

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
    reason = None if checked else why_broken(path)
    if reason:
        raise ClipError(f"{path} cannot be read: {reason}")
    try:
        container = _opened(file_url(path), _known_format(path))
    except (av.FFmpegError, OSError) as error:
        container = _opened_without_trailer(path)
        if container is None:
            said = f"FFmpeg finds no media in it ({_words(error)})"
            raise ClipError(f"{path} cannot be read: {said}") from error
    with container:
        try:
            yield container
        except av.FFmpegError as error:
            raise ClipError(f"{path} cannot be decoded to its end: {_words(error)}") from error


def _opened(url: str, form: str | None = None) -> av.container.InputContainer:
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
