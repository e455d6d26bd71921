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
    # 01 · a face in 257 numbers
    "storage_to_paper": Hints(
        4,
        1,
        "Write both orders below each other with their positions: which parts change places?",
        "α, β and δ are the first 224 numbers in both. After them files have 3 angles, 27 of light, 3 of "
        "translation. torch.cat puts slices together.",
    ),
    "perspective_weights": Hints(
        6,
        2,
        "Think of a long corridor. Its far half takes up little of the picture.",
        "Divide each weight by its corner's depth. Then see to it that they sum to 1.",
    ),
    "look_up": Hints(
        12,
        3,
        "Turn u and v into a column and a row that may lie between texels. Where is the centre of texel 0?",
        "column = u T − ½, row = (1 − v) T − ½. The whole part says which texel is upper left, the rest is "
        "how far you are on the way to the next one.",
    ),
    "projected": Hints(
        6,
        2,
        "Draw a face and the picture's rows beside it. At which row is the forehead, and what is its y?",
        "y goes up, rows go down and are counted from 0. In a picture of 224 px the row is 223 minus what "
        "the colleague computes.",
    ),
    # 02 · where are expressions
    "entropy_of_guessing": Hints(
        5,
        2,
        "The classifier answers with the same probabilities for every frame: the classes' shares.",
        "A share p of the frames costs −ln p each. Average over the frames, and leave out empty classes.",
    ),
    "fold_of_clips": Hints(
        6,
        2,
        "Go through the clips and count how many of the same class you have seen before.",
        "A dictionary from class to count will do. The fold is the count modulo the number of folds.",
    ),
    "texture_ratio": Hints(
        2,
        1,
        "The first three settings have a texture, the last two have none.",
        "Take the mean of each group, and divide what is larger in the paper by what is smaller.",
    ),
    "margin_of_groups": Hints(
        8,
        3,
        "Both groups are tested on the same frames of the same fold. What should be subtracted first?",
        "Take the difference fold by fold. Then it is the usual interval of a mean of n numbers.",
    ),
    # 03 · the decoupling network
    "pull_of": Hints(
        8,
        2,
        "Write D for 1 / (1 + e^−ℓ). What is the derivative of log(1 + e^ℓ)?",
        "The first is −D, which vanishes where D is near 0. For the second use log(1 + e^−ℓ) and 1 − D.",
    ),
    "lambda2_in_pixels": Hints(
        3,
        1,
        "By which factor does the loss grow when all distances are given in pixels?",
        "The loss is a mean of squares. The product of weight and loss has to stay the same.",
    ),
    "free_part": Hints(
        10,
        3,
        "Flatten the basis to a matrix M (60, 64). A change c moves the landmarks by M c.",
        "Subtract the smallest change that moves the landmarks in the same way: pinv(M) M c.",
    ),
    "fresh_reading": Hints(
        5,
        2,
        "Section 2 tells two kinds of classifiers apart. Which of the two is this one?",
        "What does fit see: faces before the decoupler or after it?",
    ),
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
