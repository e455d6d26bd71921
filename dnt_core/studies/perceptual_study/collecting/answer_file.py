r"""The SQLite file, which several processes may write to: opening it, transactions, errors as sentences."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

BUSY_SECONDS = 30.0

_NO_LOCKS = "; a network drive? Choose --answers on a disk of this machine"
_HINTS = {  # what a person can do, by SQLite's code
    sqlite3.SQLITE_PROTOCOL: _NO_LOCKS,
    sqlite3.SQLITE_IOERR: _NO_LOCKS + ", with room on it",
    sqlite3.SQLITE_READONLY: "; it may not be written to here: choose another --answers",
    sqlite3.SQLITE_CANTOPEN: "; its folder may not be written to: choose another --answers",
    sqlite3.SQLITE_FULL: "; make room on it",
}


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    r"""A connection that waits while others write and loses nothing that it has committed.

    Raises:
        ValueError: the file holds no SQLite database of answers, or a damaged one.
        OSError: it cannot be used where it lies: its folder cannot be written to, the disk is full, the
            drive cannot lock.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = FULL")  # survives a power cut, too
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA secure_delete = ON")
            yield db
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            raise ValueError(f"{path} is no SQLite file of answers of dnt study: {error}") from error
        hint = _HINTS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "")
        raise OSError(f"{path}: the answers' file cannot be used: {error}{hint}") from error
    except (sqlite3.DatabaseError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no SQLite file of answers, or damaged: {error}") from error


def to_wal(db: sqlite3.Connection) -> None:
    r"""Turn WAL on; while another process does so too, SQLite says "locked" without waiting."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@contextmanager
def transaction(db: sqlite3.Connection, begin: str, end: str, undo: str) -> Iterator[None]:
    r"""Statements that begin it, end it, and take it back when the block raises."""
    db.execute(begin)
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):  # what went wrong first is what counts
            db.execute(undo)
        raise
    db.execute(end)
