r"""Text, JSON and NumPy files that others may have written: what is wrong with one is said in a sentence."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dnt_core.placeholder_files import check_no_placeholder

# NumPy parses an array's header as Python code. In Python 3.11.7 and others (gh-106905) two threads that do
# so at once can get `SystemError: AST constructor recursion depth mismatch`; the file is whole: read again.
TRIES = 5


def read_text(path: str | os.PathLike) -> str:
    r"""The text of a file in UTF-8, with or without a byte-order mark; line ends become ``\n``.

    Raises:
        ValueError: it is not UTF-8; the sentence names the file and the line.
        OSError: it cannot be opened.
    """
    data = Path(path).read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        kind = "CSV " if Path(path).suffix.lower() == ".csv" else ""
        raise ValueError(f"{path}, line {line}: no text in UTF-8; save it as {kind}UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class CsvRows:
    r"""The rows of a CSV.

    Attributes:
        rows: the line that each one ends in, counted from 1, and its cells.
        decimal_commas: whether its numbers may have decimal commas, as spreadsheets of many countries write
            them: nothing but commas separates cells elsewhere.
    """

    rows: list[tuple[int, list[str]]]
    decimal_commas: bool


def csv_rows(text: str, source: str | os.PathLike) -> CsvRows:
    r"""The rows of a CSV, with commas, semicolons or tabs between the cells.

    The first line says which: Excel's ``sep=;`` by its name, any other by a comma that separates more than
    the digits of a number, else by a semicolon or a tab.

    Args:
        text: as :func:`read_text` gives it.
        source: where it stands, for errors.

    Raises:
        ValueError: no CSV; the sentence names the line.
    """
    first, _, rest = text.partition("\n")
    before, said = 0, re.fullmatch(r'\s*"?sep=(.)"?[,;\s]*', first, re.IGNORECASE)
    if said:
        before, mark, text = 1, said[1], rest
    else:
        first = re.sub(r'"[^"]*"|(?<=\d),(?=\d)', "", text.lstrip("\n ").partition("\n")[0])
        mark = "," if "," in first else next((sign for sign in ";\t" if sign in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        return CsvRows([(before + reader.line_num, row) for row in reader], mark != ",")
    except csv.Error as error:
        raise ValueError(f"{source}, line {before + reader.line_num}: no CSV: {error}") from error


def read_cells(path: str | os.PathLike) -> list[list[str]]:
    r"""The rows of a CSV of numbers, as :func:`csv_rows` tells them; decimal commas become points.

    Raises:
        ValueError: it is not UTF-8, or no CSV; the sentence names the file.
        OSError: it cannot be opened.
    """
    table = csv_rows(read_text(path), path)
    points = table.decimal_commas
    return [[cell.replace(",", ".") for cell in cells] if points else cells for _, cells in table.rows]


def read_json(path: str | os.PathLike, kind: type = dict) -> Any:
    r"""What a JSON file holds.

    Args:
        kind: what it has to be, ``dict`` or ``list``.

    Raises:
        ValueError: no JSON, or of another kind; the sentence names the file.
        OSError: it cannot be opened.
    """
    try:
        held = json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON ({error})") from error
    if not isinstance(held, kind):
        words = {dict: "an object {…}", list: "a list […]"}
        raise ValueError(
            f"{path} holds {words.get(type(held), 'a single value')} in JSON, expected {words[kind]}"
        )
    return held


def read_arrays(path: str | os.PathLike) -> dict[str, np.ndarray] | np.ndarray:
    r"""The array of an ``.npy`` file, or those of an ``.npz`` by name; never a pickle.

    Raises:
        ValueError: damaged, cut off, pickled, or a file of another kind; the sentence names the file.
        OSError: it cannot be opened.
    """
    check_no_placeholder(path)
    try:
        for tries_left in reversed(range(TRIES)):
            try:
                return _arrays(path)
            except SystemError:  # Python's own: threads that parse array headers at once (see TRIES)
                if not tries_left:
                    raise
    except Exception as error:  # a damaged zip archive or array header raises almost anything
        what = "NPZ" if Path(path).suffix.lower() == ".npz" else "NumPy"
        # numpy advises to load pickles, which is unsafe
        why = "" if "pickle" in str(error) else f": {' '.join(str(error).split()) or type(error).__name__}"
        raise ValueError(f"{path} is not a whole {what} file without pickle{why}") from error


def _arrays(path: str | os.PathLike) -> dict[str, np.ndarray] | np.ndarray:
    held = np.load(path, allow_pickle=False)
    if isinstance(held, np.ndarray):
        return held
    with held:
        return {name: held[name] for name in held.files}
