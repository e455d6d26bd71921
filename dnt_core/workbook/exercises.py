r"""Exercises: the student's function beside the package's on the same inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch


def check_answer(
    exercise: str,
    answer: Callable[..., Any],
    reference: Callable[..., Any],
    inputs: Iterable[tuple[Any, ...]],
    tolerance: float = 1e-5,
    mistakes: Mapping[str, Callable[..., Any]] | None = None,
) -> bool:
    r"""Say whether a student's function gives what the package's gives; never stops the notebook.

    Args:
        exercise: its number, such as "1.2".
        answer: the student's function; one that raises ``NotImplementedError`` is not answered yet.
        reference: the package's.
        inputs: argument tuples.
        tolerance: largest difference that counts as equal.
        mistakes: sentence that says what is wrong → the function that is wrong in this way. An answer that
            gives the same as one of them is told that sentence.

    Returns:
        True when all results agree. The sentence is printed.
    """
    inputs = list(inputs)
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
            for sentence, mistaken in (mistakes or {}).items():
                if _same(answer, mistaken, inputs, tolerance):
                    print(f"  {sentence}")
            return False
    print(f"✓ Exercise {exercise}: right on all inputs")
    return True


def _same(answer, mistaken, inputs, tolerance: float) -> bool:
    r"""Whether two functions give the same on every input; an answer that raises on one of them does not."""
    try:
        for arguments in inputs:
            given, wrong = (torch.as_tensor(f(*arguments)).double() for f in (answer, mistaken))
            if given.shape != wrong.shape or not bool(((given - wrong).abs() <= tolerance).all()):
                return False
    except Exception:
        return False
    return True
