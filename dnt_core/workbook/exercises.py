r"""Exercises: the student's function beside the package's on the same inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch


def check_answer(
    exercise: str,
    answer: Callable[..., Any],
    reference: Callable[..., Any],
    inputs: Iterable[tuple[Any, ...]],
    tolerance: float = 1e-5,
) -> bool:
    r"""Say whether a student's function gives what the package's gives; never stops the notebook.

    Args:
        exercise: its number, such as "1.2".
        answer: the student's function; one that raises ``NotImplementedError`` is not answered yet.
        reference: the package's.
        inputs: argument tuples.
        tolerance: largest difference that counts as equal.

    Returns:
        True when all results agree. The sentence is printed.
    """
    for number, arguments in enumerate(inputs, 1):
        expected = torch.as_tensor(reference(*arguments)).double()
        try:
            given = torch.as_tensor(answer(*arguments)).double()
        except NotImplementedError:
            print(f"○ Exercise {exercise}: not answered yet")
            return False
        except Exception as error:
            print(
                f"✗ Exercise {exercise}, input {number}: your function raised {type(error).__name__}: {error}"
            )
            return False
        if given.shape != expected.shape:
            print(
                f"✗ Exercise {exercise}, input {number}: expected shape {tuple(expected.shape)}, "
                f"got {tuple(given.shape)}"
            )
            return False
        off = (given - expected).abs()
        if not bool((off <= tolerance).all()):
            print(f"✗ Exercise {exercise}, input {number}: off by up to {off.max():.3g}")
            return False
    print(f"✓ Exercise {exercise}: right on all inputs")
    return True
