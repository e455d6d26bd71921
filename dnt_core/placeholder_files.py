r"""Files that stand in the place of others: pointers of git-lfs, web pages saved under a data file's name."""

from __future__ import annotations

import os
from pathlib import Path

_POINTER = b"version https://git-lfs.github.com/spec/"
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<?xml")


def check_no_placeholder(path: str | os.PathLike) -> None:
    r"""Says what a file is that is not the data its name promises.

    Raises:
        ValueError: it is empty, a pointer of git-lfs, or a web page.
        OSError: it cannot be read.
    """
    with Path(path).open("rb") as file:
        head = file.read(256)
    if not head:
        raise ValueError(f"{path} is empty")
    if head.startswith(_POINTER):
        raise ValueError(f"{path} is a pointer of git-lfs, not the file itself: `git lfs pull` fetches it")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        raise ValueError(f"{path} is a web page, not the file itself: download it again")
