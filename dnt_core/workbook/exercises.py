r"""Exercises: the student's function beside the package's on the same inputs, with hints in two steps."""

from __future__ import annotations

import copy
import html
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch

from dnt_core.workbook import mistakes as known_mistakes
from dnt_core.workbook import solutions
from dnt_core.workbook.exercise_hints import HINTS
from dnt_core.workbook.hints import Hints


def check_exercise(
    exercise: str,
    answer: Callable[..., Any],
    inputs: Iterable[tuple[Any, ...]],
    tolerance: float = 1e-5,
    judged_by: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function,
) -> bool:
    r"""Check a student's function against the solution of its name, and offer hints and the solution.

    Solution, common mistakes and hints are found by the function's name. Hints and solution are folded: one
    click opens each. They are in the page, so they open without a kernel, too.

    Args:
        exercise: its number, such as "1.2".
        answer: the student's function; it keeps the name that the exercise gives it.
        inputs: argument tuples.
        tolerance: largest difference that counts as equal.
        judged_by: where many answers are right: a function → the function of ``inputs`` whose results count,
            such as what a metric says of what the first one makes.

    Returns:
        True when all results agree. The sentence is printed.

    Raises:
        AttributeError: there is no solution of that name.
    """
    name = answer.__name__
    solution = getattr(solutions, name)
    wrong = {said: judged_by(way) for said, way in getattr(known_mistakes, name, {}).items()}
    right = check_answer(exercise, judged_by(answer), judged_by(solution), inputs, tolerance, wrong)
    _show_help(HINTS.get(name), inspect.getsource(solution), is_code=True)
    return right


def check_number(
    exercise: str,
    answer: Any,
    right: float,
    tolerance: float,
    mistakes: Mapping[str, float] | None = None,
    hints: Hints | None = None,
    solution: str = "",
) -> bool:
    r"""Check a number that a student read from a figure or found by an experiment; never stops the notebook.

    Args:
        exercise: its number, such as "1.2".
        answer: the student's number; ``...`` is not answered yet.
        right: the number.
        tolerance: largest difference that counts as right.
        mistakes: sentence that says what is wrong → the wrong number.
        hints: length, difficulty and hints.
        solution: a sentence with the number and where it stands.

    Returns:
        True when the number is right. The sentence is printed.
    """

    def given() -> Any:
        if answer is ...:
            raise NotImplementedError
        return answer

    wrong = {sentence: lambda number=number: number for sentence, number in (mistakes or {}).items()}
    is_right = check_answer(exercise, given, lambda: right, [()], tolerance, wrong)
    _show_help(hints, solution, is_code=False)
    return is_right


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
        place = f"input {number}" if arguments else "your answer"
        expected = _result(reference, arguments)
        try:
            given = _result(answer, arguments)
        except NotImplementedError:
            print(f"○ Exercise {exercise}: not answered yet")
            return False
        except Exception as error:
            print(f"✗ Exercise {exercise}, {place}: it raised {type(error).__name__}: {error}")
            return False
        trouble = _trouble(given, expected, tolerance)
        if trouble:
            print(f"✗ Exercise {exercise}, {place}: {trouble}")
            for sentence, mistaken in (mistakes or {}).items():
                if _same(answer, mistaken, inputs, tolerance):
                    print(f"  {sentence}")
            return False
    print(f"✓ Exercise {exercise}: right" + " on all inputs" * (len(inputs) > 1))
    return True


def _result(f: Callable[..., Any], arguments: tuple[Any, ...]) -> torch.Tensor | str:
    r"""What a function gives, as numbers, or what is wrong with it. It works on copies: an answer that
    changes its inputs must not change those of the notebook."""
    try:
        arguments = copy.deepcopy(arguments)
    except (RuntimeError, TypeError):  # what belongs to a graph of PyTorch cannot be copied
        pass
    given = f(*arguments)
    given = list(given) if isinstance(given, Iterator) else given
    try:
        return _numbers(given)
    except (RuntimeError, TypeError, ValueError):
        missing = " Is a `return` missing?" if given is None and arguments else ""
        return f"expected numbers, got {type(given).__name__}.{missing}"


def _numbers(given: Any) -> torch.Tensor:
    r"""A tensor of numbers, from nested lists of numbers, arrays and tensors, too."""
    if isinstance(given, list | tuple):
        parts = [_numbers(part) for part in given]
        return torch.stack(parts) if parts else torch.empty(0).double()
    return torch.as_tensor(given).double()


def _trouble(given: torch.Tensor | str, expected: torch.Tensor | str, tolerance: float) -> str:
    r"""What is wrong with a result; empty when nothing is."""
    if isinstance(given, str) or isinstance(expected, str):
        return str(given)
    if given.shape != expected.shape:
        return f"expected shape {tuple(expected.shape)}, got {tuple(given.shape)}"
    off = (given - expected).abs()
    return "" if bool((off <= tolerance).all()) else f"off by up to {off.max():.3g}"


def _same(answer, mistaken, inputs, tolerance: float) -> bool:
    r"""Whether two functions give the same on every input, or both raise the same error there."""

    def outcome(f, arguments):
        try:
            return _result(f, arguments)
        except Exception as error:
            return type(error)

    for arguments in inputs:
        one, other = outcome(answer, arguments), outcome(mistaken, arguments)
        if isinstance(one, type) or isinstance(other, type):
            if one is not other:
                return False
        elif _trouble(one, other, tolerance):
            return False
    return True


def _show_help(hints: Hints | None, solution: str, is_code: bool) -> None:
    r"""Length, difficulty, and the folded hints and solution."""
    from IPython.display import HTML, display

    folds = []
    if hints:
        folds = [f"<div>{hints.header}</div>", fold("Hint 1", hints.first), fold("Hint 2", hints.second)]
    if solution:
        folds.append(fold("Solution", solution, is_code))
    if folds:
        display(HTML("\n".join(folds)))


def fold(title: str, text: str, is_code: bool = False) -> str:
    r"""HTML of a text that one click opens; it needs no kernel.

    Args:
        title: what is always seen.
        text: plain text, escaped here.
        is_code: True keeps its lines and spaces.
    """
    inner = html.escape(text)
    inner = f"<pre>{inner}</pre>" if is_code else f"<p>{inner}</p>"
    return f"<details><summary>{html.escape(title)}</summary>{inner}</details>"
