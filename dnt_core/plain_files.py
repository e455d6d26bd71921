r"""Text, JSON and NumPy files that others may have written: what is wrong with one is said in a sentence."""

from __future__ import annotations

import csv
import io
import json
import os
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
        raise ValueError(f"{path}, line {line}: no text in UTF-8; save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_cells(path: str | os.PathLike) -> list[list[str]]:
    r"""The rows of a CSV, with commas, semicolons or tabs between the cells; the last two let numbers have
    decimal commas, which become points, as spreadsheets of some countries write them.

    Raises:
        ValueError: it is not UTF-8, or no CSV; the sentence names the file.
        OSError: it cannot be opened.
    """
    text = read_text(path)
    delimiter = next((sign for sign in ";\t" if sign in text.partition("\n")[0]), ",")
    text = text if delimiter == "," else text.replace(",", ".")
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise ValueError(f"{path}: no CSV: {error}") from error


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
