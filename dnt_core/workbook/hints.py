r"""What a student is told about an exercise before the solution: its length, its difficulty, two hints.

Each exercise has the name of its solution in :mod:`dnt_core.workbook.solutions`. The first hint says where to
look, the second one how to begin.
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


HINTS: dict[str, Hints] = {
    # 07 · audio to video
    "window_start": Hints(
        3,
        1,
        "The frame is shown frame / fps seconds after the start. How many columns have passed by then?",
        "There are 80 columns per second. Multiply first, then cut the fraction off with int().",
    ),
    "drift_of": Hints(
        8,
        3,
        "Which column does the index of section 3 ask for? It counts 80 per second, whatever the hop is.",
        "That column was made from the samples around column · hop. Turn this number into seconds (16,000 "
        "samples per second) and compare with the time of the frame.",
    ),
    "ridge_line": Hints(
        8,
        2,
        "The offset is not penalised, so it can take up the means. Subtract them from x and y first.",
        "For centred x and y set the derivative with respect to a to zero: a (Σ x² + λ) = Σ x y. The offset "
        "follows from the means.",
    ),
}
