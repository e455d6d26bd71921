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
    # 00 · start here
    "ciec_of": Hints(
        3,
        1,
        "The vector has one entry per type. How many of them may be above zero?",
        "Go through `types`. Where the name is `expression` the entry is `intensity`, else 0.",
    ),
    # 04 · dynamic neural textures
    "cross_fade": Hints(
        6,
        2,
        "Find the two known intensities between which the asked one lies.",
        "With neighbours a and b the upper share is (x − a) / (b − a). torch.lerp(A, B, share) mixes them.",
    ),
    "train_texture": Hints(
        10,
        2,
        "make() gives a module with parameters() for torch.optim.Adam(…, lr=0.02). Call it with the CIECs.",
        "Per step: set the gradients to zero, take the mean squared error, call backward(), call step(). "
        "Then note the error that the texture has now.",
    ),
    "attention_of": Hints(
        8,
        2,
        "Equation 1 says I − B = α (F − B): per pixel three equations with one unknown.",
        "The least-squares solution of y = α x is Σ x y / Σ x², summed over the three channels.",
    ),
    # 05 · intensity and perception
    "places_of": Hints(
        5,
        1,
        "An order says which clip stands at each place. Asked is at which place each clip stands.",
        "Go through the order with enumerate(order, 1). Write each place into a list, at the clip's number.",
    ),
    "swap_probability": Hints(
        10,
        3,
        "The two percepts differ by d plus a normal number. What is its standard deviation?",
        "Variances add: σ² + σ² = 2σ². The pair is swapped when the normal number is below −d; the normal "
        "distribution's tail is 0.5 · math.erfc(z / √2) for z standard deviations.",
    ),
    "chance_rmse": Hints(
        6,
        2,
        "Who guesses gives every clip of a group the same score on average. Which one?",
        "It is the mean of the group's own intensities. Average the squared distances over all clips of all "
        "groups, then take the root.",
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
    # 08 · live sliders
    "newest_wins": Hints(
        10,
        3,
        "When a picture is ready, look which value the hand has set last. Those before it are never drawn.",
        "Keep two numbers: when the kernel is free, and which value was drawn last. Wait for a newer value "
        "if there is none, take the newest one, add render seconds, note the pair.",
    ),
    "pays_after": Hints(
        4,
        1,
        "Folding costs time once. How much does each folded picture then save?",
        "It saves plain − folded ms. Folding was cheaper as soon as the savings are above its cost.",
    ),
    "on_the_way": Hints(
        6,
        2,
        "The way leads down from x to zero and then up to y. Its length is x + y.",
        "After the share s the length s (x + y) is gone. If that is below x, only type a is left.",
    ),
}
