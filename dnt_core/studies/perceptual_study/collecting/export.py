r"""From the SQLite file of answers to the tidy CSV that ``dnt score`` reads."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd

from dnt_core.studies.perceptual_study.collecting.answer_store import connect
from dnt_core.studies.perceptual_study.responses import COLUMNS, check_responses, write_responses

_ANSWERS = """
SELECT observer, in_group, weak_to_strong FROM answers
WHERE in_group IN (SELECT in_group FROM clips WHERE practice = 0) ORDER BY observer, in_group
"""


def read_answers(path: str | os.PathLike) -> pd.DataFrame:
    r"""The answers in a SQLite file as the table that ``orders.group_orders`` takes, practice left out.

    Can be called while observers answer. Rank 1 is the weakest.

    Raises:
        ValueError: no such file, no file of answers, or no answer in it yet.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: no such file; expected the SQLite file of answers of dnt study")
    try:
        with closing(connect(path)) as db:
            db.execute("BEGIN")
            answers = db.execute(_ANSWERS).fetchall()
            clips = {row[0]: row[1:] for row in db.execute("SELECT * FROM clips")}
    except sqlite3.DatabaseError as error:
        raise ValueError(f"{path} is no file of answers of dnt study: {error}") from error
    if not answers:
        raise ValueError(f"{path}: no group has been answered yet")
    rows = []
    for observer, group, order in answers:
        for rank, clip in enumerate(json.loads(order), start=1):
            _, identity, expression, intensity, _ = clips[clip]
            rows.append((observer, group, identity, expression, clip, intensity, rank))
    return check_responses(pd.DataFrame(rows, columns=list(COLUMNS)), source=str(path))


def export_answers(path: str | os.PathLike, out: str | os.PathLike) -> int:
    r"""Write :func:`read_answers` as CSV, whole or not at all; returns how many observers are in it."""
    table = read_answers(path)
    write_responses(table, out)
    return table["observer"].nunique()
