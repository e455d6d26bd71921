r"""What observers answer (section 5.2), as a tidy table that is checked line by line.

One row for each clip that an observer placed: ``observer, group, identity, expression, clip, intensity,
    rank`` with
rank 1 = weakest … m = strongest.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from dnt_core.atomic_write import atomic_path
from dnt_core.ciec import EXPRESSIONS

COLUMNS = ("observer", "group", "identity", "expression", "clip", "intensity", "rank")


def read_responses(path: str | os.PathLike) -> pd.DataFrame:
    r"""Read and check a table of orders from a CSV file; ValueError names the file and the line at fault."""
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: no such file; expected a CSV with the columns {', '.join(COLUMNS)}")
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} is no CSV with the columns {', '.join(COLUMNS)}: {reason}") from error
    return check_responses(table, source=str(path))


def write_responses(table: pd.DataFrame, path: str | os.PathLike) -> Path:
    r"""Check a table of orders and write it as CSV, whole or not at all."""
    table = check_responses(table)
    with atomic_path(path) as part:
        table.to_csv(part, index=False, lineterminator="\n")
    return Path(path)


def check_responses(table: pd.DataFrame, source: str = "responses") -> pd.DataFrame:
    r"""A copy of ``table`` with checked columns and types: text, ``intensity`` float, ``rank`` int.

    Raises:
        ValueError: one sentence with the line (the header is line 1) for a missing column, an empty cell,
            an unknown expression, an intensity or rank that is none, two clips on one rank (a tie), a clip
            ordered twice (a duplicate), a clip left out (a partial order), a group whose clips disagree
            about what they are.
    """
    missing = [c for c in COLUMNS if c not in table.columns]
    if missing:
        got = ", ".join(map(str, table.columns))
        raise ValueError(
            f"{source}: no column {', '.join(missing)}; expected {', '.join(COLUMNS)}, got {got}"
        )
    if table.empty:
        raise ValueError(f"{source}: no orders, only a header; expected one row for each clip placed")
    table = table.loc[:, list(COLUMNS)].reset_index(drop=True).copy()
    for column in ("observer", "group", "identity", "expression", "clip"):
        table[column] = table[column].astype(str).str.strip()
        for row in np.flatnonzero(table[column].isin(["", "nan", "None"])):
            _refuse(source, row, f"{column} is empty")
    for row in np.flatnonzero(~table["expression"].isin(EXPRESSIONS)):
        known = ", ".join(EXPRESSIONS)
        _refuse(source, row, f"expression {table['expression'][row]!r} is unknown, expected one of {known}")
    intensity = pd.to_numeric(table["intensity"], errors="coerce").astype(float)
    for row in np.flatnonzero(~intensity.between(0, 1)):
        _refuse(source, row, f"intensity {str(table['intensity'][row])!r} is no number in [0, 1]")
    rank = pd.to_numeric(table["rank"], errors="coerce").astype(float)
    for row in np.flatnonzero(~((rank >= 1) & (rank == np.floor(rank)) & np.isfinite(rank))):
        _refuse(source, row, f"rank {str(table['rank'][row])!r} is no whole number 1, 2, … (1 = weakest)")
    table["intensity"], table["rank"] = intensity, rank.astype(int)
    _check_groups(table, source)
    _check_orders(table, source)
    return table


def _refuse(source: str, row: int, what: str) -> NoReturn:
    raise ValueError(f"{source}, line {row + 2}: {what}")


def _check_groups(table: pd.DataFrame, source: str) -> None:
    r"""A group is of one identity and expression, and its clips are two or more of different intensities."""
    for group, rows in table.groupby("group", sort=False):
        start = rows.index[0]
        for column in ("identity", "expression"):
            for row in rows.index[rows[column] != rows[column][start]]:
                _refuse(
                    source,
                    row,
                    f"group {group} has {column} {rows[column][row]}, but {rows[column][start]} in line "
                    f"{start + 2}; a group is of one {column}",
                )
        intensity = rows.drop_duplicates("clip").set_index("clip")["intensity"]
        for row in rows.index[rows["intensity"].to_numpy() != intensity[rows["clip"]].to_numpy()]:
            clip, x = rows["clip"][row], rows["intensity"][row]
            _refuse(
                source,
                row,
                f"clip {clip} of group {group} has intensity {x:g}, but {intensity[clip]:g} before",
            )
        if len(intensity) < 2:
            _refuse(source, start, f"group {group} has one clip only, so there is nothing to order")
        for clip in intensity.index[intensity.duplicated()]:
            other = intensity.index[intensity == intensity[clip]][0]
            _refuse(
                source,
                rows.index[rows["clip"] == clip][0],
                f"clips {other} and {clip} of group {group} have the same intensity {intensity[clip]:g}, so "
                "none of their orders is the true one",
            )


def _check_orders(table: pd.DataFrame, source: str) -> None:
    r"""Each observer gave all m clips of a group the ranks 1 … m, once each."""
    clips = {group: list(dict.fromkeys(rows["clip"])) for group, rows in table.groupby("group", sort=False)}
    m = table["group"].map({group: len(names) for group, names in clips.items()})
    answers = table.groupby(["observer", "group"], sort=False)["rank"]
    if not (
        table.duplicated(["observer", "group", "clip"]).any()
        or table.duplicated(["observer", "group", "rank"]).any()
        or (answers.transform("size") < m).any()
        or (table["rank"] > m).any()
    ):
        return
    for (observer, group), rows in table.groupby(["observer", "group"], sort=False):
        m = len(clips[group])
        for row in rows.index[rows["clip"].duplicated()]:
            clip = rows["clip"][row]
            before = rows.index[rows["clip"] == clip][0] + 2
            what = f"observer {observer} ordered clip {clip} of group {group} twice, before in line {before}"
            _refuse(source, row, what)
        for row in rows.index[rows["rank"].duplicated()]:
            rank = rows["rank"][row]
            before = rows.index[rows["rank"] == rank][0] + 2
            what = (
                f"observer {observer} gave rank {rank} to two clips of group {group}, before in line {before}"
            )
            _refuse(source, row, what + "; an order has no ties")
        if len(rows) < m:
            left_out = ", ".join(c for c in clips[group] if c not in set(rows["clip"]))
            what = (
                f"observer {observer} ordered {len(rows)} of the {m} clips of group {group}, not {left_out}"
            )
            _refuse(source, rows.index[-1], what + "; a partial order cannot be scored")
        for row in rows.index[rows["rank"] > m]:
            what = (
                f"observer {observer} gave rank {rows['rank'][row]} in group {group}, whose ranks are 1 … {m}"
            )
            _refuse(source, row, what)
