r"""What observers answer (section 5.2), as a tidy table that is checked line by line.

One row for each clip that an observer placed: ``observer, group, identity, expression, clip, intensity,
rank`` with rank 1 = weakest … m = strongest.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from dnt_core.atomic_write import atomic_path
from dnt_core.ciec import CIEC_TYPES
from dnt_core.plain_files import csv_rows, read_text

COLUMNS = ("observer", "group", "identity", "expression", "clip", "intensity", "rank")
_EXPECTED = f"expected a CSV with the columns {', '.join(COLUMNS)}"
_SQLITE = b"SQLite format 3"
_NO_RANK = 2**31  # more clips than anybody orders


def read_responses(path: str | os.PathLike) -> pd.DataFrame:
    r"""Read and check a table of orders from a CSV file in UTF-8; further columns are passed over, and so are
    blank lines, capitals in the header, and headers between tables that were put one below the other.

    Semicolons and tabs may separate the columns, and numbers may have decimal commas, as Excel writes them in
    many countries; a first line ``sep=;`` names the separator.

    Raises:
        ValueError: one sentence with the file and the line at fault, as :func:`check_responses`; also for a
            file that is none, is empty, is no UTF-8, has a column twice or a line with more or fewer cells
            than the header.
    """
    path = Path(path)
    if path.is_dir() or not path.exists():
        raise ValueError(f"{path}: {'a folder' if path.is_dir() else 'no such file'}; {_EXPECTED}")
    if path.is_file() and path.open("rb").read(len(_SQLITE)) == _SQLITE:
        raise ValueError(
            f"{path} is the study's own file; `dnt study --export --answers {path}` writes its CSV"
        )
    text = read_text(path)  # once: it may be a pipe
    if not text.strip():
        raise ValueError(f"{path} is empty; {_EXPECTED}")
    return _checked(_table(text, str(path)), str(path))


def _table(text: str, source: str) -> pd.DataFrame:
    r"""The cells of a CSV as text, its rows known by their lines; the header is line 1."""
    held = csv_rows(text, source)
    written = [(line, cells) for line, cells in held.rows if any(cell.strip() for cell in cells)]
    header = [_column(name) for name in written[0][1]] if written else []
    written = written[:1] + [row for row in written[1:] if [_column(cell) for cell in row[1]] != header]
    for twice in (c for c in COLUMNS if header.count(c) > 1):
        raise ValueError(f"{source} has the column {twice} {header.count(twice)} times; expected one")
    for line, cells in written[1:]:
        if len(cells) != len(header):
            _refuse(source, line, f"{len(cells)} cells, but the header has {len(header)}")
    table = pd.DataFrame(
        [cells for _, cells in written[1:]], columns=header, index=[line for line, _ in written[1:]]
    )
    for column in {"intensity", "rank"} & set(header):
        table[column] = table[column].str.replace(",", ".")
    return table


def _column(name: str) -> str:
    r"""A heading as it is known: without blanks around it, one of ours in whatever capitals."""
    name = name.strip()
    return name.lower() if name.lower() in COLUMNS else name


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
            an expression that has no intensity, an intensity or rank that is none, two clips on one rank (a
            tie), a clip ordered twice (a duplicate), a clip left out (a partial order), a group whose clips
            disagree about what they are.
    """
    return _checked(table.set_axis(np.arange(len(table)) + 2), source)


def _checked(table: pd.DataFrame, source: str) -> pd.DataFrame:
    r""":func:`check_responses` of a table whose index is the lines."""
    missing = [c for c in COLUMNS if c not in table.columns]
    if missing:
        got = ", ".join(map(str, table.columns))
        raise ValueError(
            f"{source}: no column {', '.join(missing)}; expected {', '.join(COLUMNS)}, got {got}"
        )
    if table.empty:
        raise ValueError(f"{source}: no orders, only a header; expected one row for each clip placed")
    table = table.loc[:, list(COLUMNS)].copy()
    for column in ("observer", "group", "identity", "expression", "clip"):
        missing = table[column].isna()  # told from a name such as "nan" or "None" while it is still no text
        table[column] = table[column].astype(str).str.strip()
        for line in table.index[missing | (table[column] == "")]:
            _refuse(source, line, f"{column} is empty")
    for line in table.index[~table["expression"].isin(CIEC_TYPES)]:
        known = ", ".join(CIEC_TYPES)
        _refuse(source, line, f"expression {table['expression'][line]!r} is unknown, expected one of {known}")
    intensity = pd.to_numeric(table["intensity"], errors="coerce").astype(float)
    for line in table.index[~intensity.between(0, 1)]:
        _refuse(source, line, f"intensity {str(table['intensity'][line])!r} is no number in [0, 1]")
    rank = pd.to_numeric(table["rank"], errors="coerce").astype(float)
    for line in table.index[~((rank >= 1) & (rank == np.floor(rank)) & (rank < _NO_RANK))]:
        _refuse(source, line, f"rank {str(table['rank'][line])!r} is no whole number 1, 2, … (1 = weakest)")
    table["intensity"], table["rank"] = intensity, rank.astype(int)
    _check_groups(table, source)
    _check_orders(table, source)
    return table.reset_index(drop=True)


def _refuse(source: str, line: int, what: str) -> NoReturn:
    raise ValueError(f"{source}, line {line}: {what}")


def _check_groups(table: pd.DataFrame, source: str) -> None:
    r"""A group is of one identity and expression, and its clips are two or more of different intensities."""
    for group, rows in table.groupby("group", sort=False):
        start = rows.index[0]
        for column in ("identity", "expression"):
            for line in rows.index[rows[column] != rows[column][start]]:
                _refuse(
                    source,
                    line,
                    f"group {group} has {column} {rows[column][line]}, but {rows[column][start]} in line "
                    f"{start}; a group is of one {column}",
                )
        intensity = rows.drop_duplicates("clip").set_index("clip")["intensity"]
        for line in rows.index[rows["intensity"].to_numpy() != intensity[rows["clip"]].to_numpy()]:
            clip, x = rows["clip"][line], rows["intensity"][line]
            _refuse(
                source,
                line,
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
        for line in rows.index[rows["clip"].duplicated()]:
            clip = rows["clip"][line]
            before = rows.index[rows["clip"] == clip][0]
            what = f"observer {observer} ordered clip {clip} of group {group} twice, before in line {before}"
            _refuse(source, line, what)
        for line in rows.index[rows["rank"].duplicated()]:
            rank = rows["rank"][line]
            before = rows.index[rows["rank"] == rank][0]
            what = (
                f"observer {observer} gave rank {rank} to two clips of group {group}, before in line {before}"
            )
            _refuse(source, line, what + "; an order has no ties")
        if len(rows) < m:
            left_out = ", ".join(c for c in clips[group] if c not in set(rows["clip"]))
            what = (
                f"observer {observer} ordered {len(rows)} of the {m} clips of group {group}, not {left_out}"
            )
            _refuse(source, rows.index[-1], what + "; a partial order cannot be scored")
        for line in rows.index[rows["rank"] > m]:
            rank = rows["rank"][line]
            what = f"observer {observer} gave rank {rank} in group {group}, whose ranks are 1 … {m}"
            _refuse(source, line, what)
