r"""From the SQLite file of answers to the tidy CSV that ``dnt score`` reads."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from dnt_core.studies.perceptual_study.collecting.answer_store import opened
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
        answers, clips = _tables(path)
    except OSError:  # it may be read, but SQLite cannot write beside it, as it does to read along with others
        with tempfile.TemporaryDirectory(prefix="dnt_answers_") as folder:
            for name in (path.name, f"{path.name}-wal"):  # the second holds the last answers
                if path.with_name(name).is_file():
                    shutil.copyfile(path.with_name(name), Path(folder) / name)
            answers, clips = _tables(Path(folder) / path.name)
    if not answers:
        raise ValueError(f"{path}: no group has been answered yet")
    rows = []
    try:
        for observer, group, order in answers:
            for rank, clip in enumerate(json.loads(order), start=1):
                _, identity, expression, intensity, _ = clips[clip]
                rows.append((observer, group, identity, expression, clip, intensity, rank))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged: an answer cannot be read ({error})") from error
    return check_responses(pd.DataFrame(rows, columns=list(COLUMNS)), source=str(path))


def _tables(path: Path) -> tuple[list, dict]:
    with opened(path) as db:
        db.execute("BEGIN")
        answers = db.execute(_ANSWERS).fetchall()
        return answers, {row[0]: row[1:] for row in db.execute("SELECT * FROM clips")}


def export_answers(path: str | os.PathLike, out: str | os.PathLike) -> int:
    r"""Write :func:`read_answers` as CSV, whole or not at all; returns how many observers are in it."""
    table = read_answers(path)
    write_responses(table, out)
    return table["observer"].nunique()
