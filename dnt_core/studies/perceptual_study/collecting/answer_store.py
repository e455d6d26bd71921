r"""Where answers go: one SQLite file in WAL mode, one transaction an answer, many processes at once.

An observer is known by a random secret that only the observer's browser keeps; the file holds its hash, a
public random name, the day and the consent sentence that was agreed to, and what was to be seen in which
sequence. Nothing else: no address, no name, no time of day. An answer is a single row, keyed by observer and
group, so that it is there whole or not at all and cannot be there twice; the first one stands. Who withdraws
is deleted with all answers, and SQLite overwrites what stood there. Beside them the file keeps the codes of
the study's pages, so that pages that are open go on after the server was started again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dnt_core.studies.perceptual_study.collecting.answer_file import opened, to_wal, transaction
from dnt_core.studies.perceptual_study.collecting.study_plan import Layout, StudyPlan

SECRET = re.compile(r"[0-9a-f]{32}")

_TABLES = """
CREATE TABLE IF NOT EXISTS study (mark TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS clips (
  clip TEXT PRIMARY KEY, in_group TEXT NOT NULL, identity TEXT NOT NULL, expression TEXT NOT NULL,
  intensity REAL NOT NULL, practice INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS observers (
  observer TEXT PRIMARY KEY, secret_hash BLOB NOT NULL UNIQUE, day TEXT NOT NULL, consent TEXT NOT NULL,
  layout TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
  observer TEXT NOT NULL REFERENCES observers, in_group TEXT NOT NULL, weak_to_strong TEXT NOT NULL,
  PRIMARY KEY (observer, in_group));
CREATE TABLE IF NOT EXISTS codes (page TEXT PRIMARY KEY, code TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Observer:
    r"""One observer: public random name, what is seen in which sequence, names of the groups answered."""

    name: str
    layout: Layout
    answered: frozenset[str]

    @property
    def step(self) -> int:
        r"""Index into ``layout.groups`` of the first group without an answer; their number when all are."""
        open_steps = (i for i, g in enumerate(self.layout.groups) if g not in self.answered)
        return next(open_steps, len(self.layout.groups))


@dataclass(frozen=True)
class Counts:
    r"""How far a study is: observers with a consent, those who are through, orders (practice left out)."""

    observers: int
    through: int
    orders: int

    def __str__(self) -> str:
        one = self.observers == 1
        return f"{self.observers} observer{'' if one else 's'}, {self.through} through, {self.orders} orders"


class AnswerStore:
    r"""The answers of one study in one file.

    Args:
        path: of the SQLite file, made if it is not there (readable by its owner only). Not on a network file
            system, where WAL does not work.
        plan: the study's groups.

    Raises:
        ValueError: the file is no SQLite file, or holds the answers of a study with other clips.
    """

    def __init__(self, path: str | os.PathLike, plan: StudyPlan) -> None:
        self.path, self.plan, self._shared = Path(path), plan, _Shared()
        if self.path.is_dir():
            raise ValueError(f"{self.path} is a folder; expected the SQLite file for the answers")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with opened(self.path) as db:
            to_wal(db)
        with self._transaction() as db:
            for statement in _TABLES.split(";"):
                db.execute(statement)
            there = [row[0] for row in db.execute("SELECT mark FROM study")]
            if there and there != [self.plan.mark]:
                raise ValueError(
                    f"{self.path} holds the answers of a study with other clips; choose another file, or the "
                    "folder of clips that it was begun with"
                )
            db.execute("INSERT OR IGNORE INTO study VALUES (?)", (self.plan.mark,))
            db.executemany(
                "INSERT OR IGNORE INTO clips VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (c.name, g.name, g.identity, g.expression, c.intensity, g.practice)
                    for g in self.plan.groups
                    for c in g.clips
                ],
            )

    def enrol(self, secret: str, consent: str) -> Observer:
        r"""Record a consent, and with it an observer; the same secret again is the same observer.

        Args:
            secret: 32 hexadecimal digits drawn by the observer's browser, see :data:`SECRET`.
            consent: the sentence agreed to.

        Raises:
            ValueError: a secret of another form.
        """
        if not SECRET.fullmatch(str(secret)):
            raise ValueError("an observer's secret is 32 hexadecimal digits")
        layout = self.plan.layout(secrets.randbits(64))
        row = (
            f"p-{secrets.token_hex(6)}",
            _hash(secret),
            datetime.now(UTC).date().isoformat(),
            consent,
            json.dumps([layout.groups, layout.clips]),
        )
        with self._transaction() as db:
            db.execute(
                "INSERT INTO observers VALUES (?, ?, ?, ?, ?) ON CONFLICT (secret_hash) DO NOTHING", row
            )
        return self.observer(secret)

    def observer(self, secret: str) -> Observer | None:
        r"""Who has this secret, or None.

        Args:
            secret: 32 hexadecimal digits.
        """
        with self._opened() as db:
            row = db.execute(
                "SELECT observer, layout FROM observers WHERE secret_hash = ?", (_hash(str(secret)),)
            ).fetchone()
            if row is None:
                return None
            groups, clips = json.loads(row[1])
            answered = db.execute("SELECT in_group FROM answers WHERE observer = ?", (row[0],))
            layout = Layout(tuple(groups), tuple(tuple(c) for c in clips))
            return Observer(row[0], layout, frozenset(group for (group,) in answered))

    def answer(self, secret: str, group: str, weak_to_strong: Sequence[str]) -> bool:
        r"""Record an order of a group's clips, weakest first; False if the group was answered before (the
        first answer stands).

        Args:
            secret: of an observer who has consented.
            group: the group's name.
            weak_to_strong: names of all of the group's clips, weakest first.

        Raises:
            ValueError: nobody has this secret, or the order is no permutation of the group's clips.
        """
        observer = self.observer(secret)
        if observer is None:
            raise ValueError("nobody with this secret has given consent")
        if group not in observer.layout.groups:
            raise ValueError(f"there is no group {group!r}")
        clips = sorted(c.name for c in self.plan.group(group).clips)
        if sorted(weak_to_strong) != clips:
            raise ValueError(f"the order of a group must name each of its {len(clips)} clips once")
        with self._transaction() as db:
            cursor = db.execute(
                "INSERT INTO answers VALUES (?, ?, ?) ON CONFLICT (observer, in_group) DO NOTHING",
                (observer.name, group, json.dumps(list(weak_to_strong))),
            )
            return cursor.rowcount == 1

    def withdraw(self, secret: str = "", name: str = "") -> bool:
        r"""Delete an observer, the consent and all answers, by the secret or by the public name.

        Args:
            secret: 32 hexadecimal digits.
            name: the observer's random name in the table of answers.

        Returns:
            False if there is none.
        """
        with self._opened() as db:
            row = db.execute(
                "SELECT observer FROM observers WHERE secret_hash = ? OR observer = ?", (_hash(secret), name)
            ).fetchone()
        if row is None:
            return False
        with self._transaction() as db:
            db.execute("DELETE FROM answers WHERE observer = ?", row)
            deleted = db.execute("DELETE FROM observers WHERE observer = ?", row).rowcount == 1
        if self._shared.db is None:
            self._overwrite()
        else:
            self._shared.overwrites = True
        return deleted

    def progress(self) -> dict[str, int]:
        r"""Public name → number of orders given (practice left out), of all who gave consent."""
        scored = [g.name for g in self.plan.scored]
        with self._opened() as db:
            return dict(
                db.execute(
                    "SELECT observer, count(in_group) FROM observers LEFT JOIN (SELECT * FROM answers WHERE "
                    f"in_group IN ({', '.join('?' * len(scored))})) USING (observer) "
                    "GROUP BY observer ORDER BY observers.rowid",
                    scored,
                )
            )

    def counts(self) -> Counts:
        r"""How far the study is."""
        given = self.progress().values()
        return Counts(len(given), sum(n == len(self.plan.scored) for n in given), sum(given))

    def code(self, page: str, draw: Callable[[], str]) -> str:
        r"""The code of one of the study's pages, drawn when it is first asked for.

        Args:
            page: its name.
            draw: makes a new code.
        """
        with self._transaction() as db:
            db.execute("INSERT INTO codes VALUES (?, ?) ON CONFLICT (page) DO NOTHING", (page, draw()))
            return db.execute("SELECT code FROM codes WHERE page = ?", (page,)).fetchone()[0]

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        r"""Holds the file open meanwhile: SQLite tidies up, which takes long, when the last one closes it."""
        with opened(self.path) as db:
            db.execute("SELECT count(*) FROM study").fetchone()
            yield

    def settle(self) -> None:
        r"""Moves what was written ahead into the file, so that a copy of it alone is whole; nobody waits."""
        with opened(self.path) as db:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    @contextmanager
    def together(self) -> Iterator[None]:
        r"""All that this thread does meanwhile is written in one transaction, and waits for the disk once.

        What is done inside is stored when the block has ended without an error, and not before.
        """
        with opened(self.path) as db, transaction(db, "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"):
            self._shared.db, self._shared.overwrites = db, False
            try:
                yield
            finally:
                self._shared.db = None
        if self._shared.overwrites:
            self._overwrite()

    def _overwrite(self) -> None:
        with opened(self.path) as db:  # what was written ahead holds the old pages
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if self._shared.db is not None:
            yield self._shared.db
        else:
            with opened(self.path) as db:
                yield db

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._opened() as db:
            one = "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"  # takes the write lock, and waits for it
            of_many = "SAVEPOINT one", "RELEASE one", "ROLLBACK TO one"
            with transaction(db, *(one if self._shared.db is None else of_many)):
                yield db


class _Shared(threading.local):
    """The connection of a thread that is inside ``together``."""

    db: sqlite3.Connection | None = None
    overwrites = False


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
