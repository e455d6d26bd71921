r"""Planted errors: exercises in which one line of a notebook's code is wrong. Answers, hints and solutions.

They lie here, so that the cell that a student edits does not show them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dnt_core.workbook.exercises import check_number
from dnt_core.workbook.hints import Hints


class PlantedError(NamedTuple):
    r"""One of them.

    Attributes:
        line: number of the wrong line, as the comment at its end says.
        repaired: what the line should be.
        mistakes: sentence that says what is wrong → the wrong line number.
        hints: length, difficulty and hints.
        solution: a sentence with the line.
    """

    line: int
    repaired: str
    mistakes: Mapping[str, int]
    hints: Hints
    solution: str


PLANTED: dict[str, PlantedError] = {
    "4.1": PlantedError(
        4,
        "i, j = row.floor().long(), column.floor().long()",
        {
            "Texel j reaches from u = j / size to (j + 1) / size. Line 2 counts in texels from the edge.": 2,
            "The rows all come out right, so line 3 is right: v points up, and rows count down.": 3,
            "The last texel has the number size - 1, so line 5 is right.": 5,
            "The first index is the channel, then the row, then the column: line 6 is right.": 6,
        },
        Hints(
            5,
            2,
            "The rows are right and some columns are not. Which lines treat the two differently?",
            "Take u = 1.5 / 8, the centre of column 1. Which number does line 2 make of it? And line 4?",
        ),
        "Line 4. It has to be i, j = row.floor().long(), column.floor().long(). The centre of texel j lies "
        "at j + 0.5, and round() takes such a number to the nearest even one. So columns 1, 3, 5 are wrong.",
    ),
}


def check_planted(exercise: str, line: Any) -> bool:
    r"""Check which line a student takes for the wrong one; never stops the notebook.

    Args:
        exercise: its number, such as "4.1".
        line: the student's number; ``...`` is not answered yet.

    Returns:
        True when the number is right. The sentence is printed, hints and solution are folded below it.

    Raises:
        KeyError: no such exercise.
    """
    planted = PLANTED[exercise]
    return check_number(exercise, line, planted.line, 0, planted.mistakes, planted.hints, planted.solution)
