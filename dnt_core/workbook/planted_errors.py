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
        3,
        "row = (1 - v) * size - 0.5",
        {
            "u points to the right, as the columns are counted, so line 2 is right.": 2,
            "Nearest texel: rounding is what line 4 should do.": 4,
            "The last texel has the number size - 1, so line 5 is right.": 5,
            "The first index is the channel, then the row, then the column: line 6 is right.": 6,
        },
        Hints(3, 1, "Which part of the texture lands on the forehead?", "At which row is v = 1?"),
        "Line 3. It has to be row = (1 - v) * size - 0.5: v points up, and rows count down.",
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
