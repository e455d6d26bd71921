r"""What counts of an exercise's answer where many answers are right, or where a right result may do harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def leaving_the_picture(covering: Callable[..., float]) -> Callable[..., list[float]]:
    r"""Exercise 2.6: the cost of covering, and what was done to the picture that was given.

    Args:
        covering: (nats, picture, mean, top, left, side) → nats.
    """

    def judged(nats: Any, picture: np.ndarray, *rest: Any) -> list[float]:
        before = picture.copy()
        cost = covering(nats, picture, *rest)
        return [float(cost), float(np.abs(picture - before).max())]

    return judged


def a_control(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], list[bool]]:
    r"""Exercise 2.7: whether changed pictures can be a control: pictures of the same form, not the same ones,
    the given ones left as they were, and the same result when it is asked again.

    Args:
        change: pictures (N, 3, S, S) uint8 → pictures.
    """

    def judged(pictures: np.ndarray) -> list[bool]:
        before = pictures.copy()
        made = np.array(change(pictures))
        kept = np.array_equal(pictures, before)
        form = made.shape == before.shape and made.dtype == np.uint8
        again = np.array_equal(made, change(before.copy()))
        return [form, not np.array_equal(made, before), kept, again]

    return judged
