r"""What a student is told about an exercise before the solution: its length, its difficulty, two hints.

The first hint says where to look, the second one how to begin. Those of the exercises are in
:mod:`dnt_core.workbook.exercise_hints`.
"""

from __future__ import annotations

from typing import NamedTuple

HARDEST = 3


class Hints(NamedTuple):
    r"""Help with one exercise.

    Attributes:
        minutes: that most students need.
        difficulty: 1 (one line), 2 (a few lines), 3 (an idea of your own).
        first, second: hints, the second one says more.
    """

    minutes: int
    difficulty: int
    first: str
    second: str

    @property
    def header(self) -> str:
        r"""Length and difficulty in words.

        >>> Hints(5, 2, "", "").header
        'about 5 minutes · difficulty ●●○'
        """
        dots = "●" * self.difficulty + "○" * (HARDEST - self.difficulty)
        return f"about {self.minutes} minute{'s' * (self.minutes > 1)} · difficulty {dots}"
