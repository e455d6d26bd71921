r"""Exercises: solutions agree with the package, stubs with the solutions; the check says yes, no and why."""

import ast
import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from IPython.display import HTML

from dnt_core.workbook import mistakes, solutions
from dnt_core.workbook.exercise_hints import HINTS
from dnt_core.workbook.exercises import check_answer, check_exercise, check_number
from dnt_core.workbook.hints import HARDEST, Hints
from tests.notebooks.exercise_truths import JUDGED, KNOWN

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def stubs():
    r"""(notebook, function) of every exercise: a function that raises NotImplementedError("Exercise …")."""
    for path in sorted(NOTEBOOKS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and re.search(
                "NotImplementedError\\(.Exercise", ast.unparse(node)
            ):
                yield path.stem, node


@pytest.mark.parametrize("name", KNOWN)
def test_a_solution_agrees_with_the_package(name, capsys):
    known, inputs = KNOWN[name]
    judged = JUDGED.get(name, lambda function: function)
    assert check_answer("0.0", judged(getattr(solutions, name)), judged(known), inputs, 1e-4)
    assert "✓" in capsys.readouterr().out


def test_every_exercise_has_a_tested_solution_of_the_same_face():
    found = list(stubs())
    assert sorted(stub.name for _, stub in found) == sorted(KNOWN)
    for notebook, stub in found:
        solution = getattr(solutions, stub.name)
        assert list(inspect.signature(solution).parameters) == [a.arg for a in stub.args.args], notebook
        assert inspect.getdoc(solution) == ast.get_docstring(stub), notebook


def test_what_is_wrong_is_said_and_nothing_stops(capsys):
    def unanswered(x):
        raise NotImplementedError("Exercise 9.9: think")

    wrong = {
        "not answered yet": unanswered,
        "input 1: off by up to 1": lambda x: x + 1,
        "expected shape (2,), got (3,)": lambda x: torch.ones(3),
        "raised ZeroDivisionError": lambda x: 1 / 0,
    }
    for sentence, answer in wrong.items():
        assert not check_answer("9.9", answer, lambda x: x, [(torch.zeros(2),)])
        assert sentence in capsys.readouterr().out
    assert not check_answer("9.9", lambda x: x * float("nan"), lambda x: x, [(torch.zeros(2),)])


def test_a_right_answer_may_come_as_a_list_of_arrays_or_an_iterator(capsys):
    right = torch.arange(6.0).view(2, 3)
    forms = (list, tuple, iter, lambda x: [row.numpy() for row in x], lambda x: map(list, x))
    for form in forms:
        assert check_answer("9.9", form, lambda x: x, [(right,)]), capsys.readouterr().out
    assert not check_answer("9.9", lambda x: [row + 1 for row in x], lambda x: x, [(right,)])


def test_an_answer_without_return_is_told_so(capsys):
    assert not check_answer("9.9", lambda x: None, lambda x: x, [(1.0,)])
    assert "Is a `return` missing?" in capsys.readouterr().out


def test_an_answer_that_changes_its_inputs_leaves_those_of_the_notebook(capsys):
    def answer(array, tensor, numbers):
        array -= 1
        tensor *= 2
        numbers.sort()
        return array.sum() + tensor.sum().item() + numbers[0]

    inputs = (np.ones(3), torch.ones(3), [3, 1, 2])
    for _ in range(2):
        assert check_answer("9.9", answer, lambda *inputs: 7.0, [inputs])
    assert inputs[0].sum() == 3 and inputs[1].sum() == 3 and inputs[2] == [3, 1, 2]


MISTAKES = [(name, sentence) for name in KNOWN for sentence in getattr(mistakes, name, {})]


@pytest.mark.parametrize("name, sentence", MISTAKES)
def test_a_common_mistake_is_told_and_only_that(name, sentence, capsys):
    known, inputs = KNOWN[name]
    judged = JUDGED.get(name, lambda function: function)
    ways = {said: judged(way) for said, way in getattr(mistakes, name).items()}
    assert not check_answer("0.0", ways[sentence], judged(known), inputs, 1e-4, ways)
    told = capsys.readouterr().out
    assert [other for other in ways if other in told] == [sentence]


def test_a_mistake_that_raises_on_one_of_the_inputs_is_told_as_well(capsys):
    def paired(before, after):  # four folds and three: numpy refuses the difference
        return np.array([after.mean() - before.mean(), (after - before).std()])

    inputs = [(np.arange(3.0), np.arange(3.0) ** 2), (np.arange(4.0), np.arange(3.0))]
    ways = {"You paired the folds.": paired, "You divided by 0.": lambda before, after: 1 / 0}
    assert not check_answer("0.0", paired, lambda before, after: np.zeros(2), inputs, 1e-4, ways)
    told = capsys.readouterr().out
    assert "You paired the folds." in told and "divided" not in told


def test_an_answer_that_is_wrong_in_its_own_way_is_told_no_mistake(capsys):
    known, inputs = KNOWN["window_start"]
    for answer in (lambda frame, fps: 7, lambda frame, fps: 1 / frame if frame != 3 else 2):
        assert not check_answer("0.0", answer, known, inputs, 1e-4, mistakes.window_start)
        assert not any(sentence in capsys.readouterr().out for sentence in mistakes.window_start)


@pytest.mark.parametrize("name", [stub.name for _, stub in stubs()])
def test_an_exercise_knows_two_mistakes_and_has_two_hints(name):
    assert len(getattr(mistakes, name)) >= 2
    hints = HINTS[name]
    assert 1 <= hints.minutes <= 30 and 1 <= hints.difficulty <= HARDEST
    assert hints.first and hints.second and hints.first != hints.second


def test_there_are_no_hints_for_what_is_no_exercise():
    assert HINTS.keys() <= KNOWN.keys() and set(mistakes.__all__) <= KNOWN.keys()


@pytest.fixture
def shown(monkeypatch):
    pages = []
    monkeypatch.setattr("IPython.display.display", pages.append)
    return pages


def test_a_stub_is_offered_its_hints_and_its_solution_folded(shown, capsys):
    def window_start(frame, fps):
        raise NotImplementedError("Exercise 7.1")

    _, inputs = KNOWN["window_start"]
    assert not check_exercise("7.1", window_start, inputs)
    assert "not answered yet" in capsys.readouterr().out
    (page,) = shown
    assert isinstance(page, HTML) and page.data.count("<details>") == 3
    assert HINTS["window_start"].header in page.data
    assert "def window_start(frame, fps):" in page.data and "<details open" not in page.data


def test_an_exercise_is_found_by_the_name_of_the_function(shown, capsys):
    def window_start(frame, fps):
        return round(80 * frame / fps)

    assert not check_exercise("7.1", window_start, KNOWN["window_start"][1])
    assert "You rounded to the nearest column" in capsys.readouterr().out
    assert check_exercise("7.1", solutions.window_start, KNOWN["window_start"][1])
    with pytest.raises(AttributeError):
        check_exercise("7.1", lambda frame: 0, [(0,)])


def test_where_many_answers_are_right_their_judge_decides(shown, capsys):
    film = torch.full((2, 3, 4, 4), 0.2)

    def both_sides(make):  # right: bright somewhere, dark elsewhere
        return lambda: [make(film, film / 2).max() > 0.5, make(film, film / 2).min() < 0.5]

    def worse_video(film, ours):
        return torch.cat([film[:, :, :1] + 0.7, film[:, :, 1:]], 2)

    assert check_exercise("6.5", worse_video, [()], judged_by=both_sides)

    def worse_video(film, ours):
        return film.square()

    assert not check_exercise("6.5", worse_video, [()], judged_by=both_sides)
    assert "Spoil something that everybody sees" in capsys.readouterr().out


def test_a_number_that_was_read_from_a_figure_is_checked(shown, capsys):
    wrong = {"You read the other curve.": 3.0}
    help_ = Hints(2, 1, "a", "b")
    for answer in (..., 2.05, 2.5, 3.02):
        assert check_number("9.1", answer, 2.0, 0.1, wrong, help_, "It is <2>.") == (answer == 2.05)
        told = capsys.readouterr().out
        assert ("not answered yet" in told) == (answer is ...)
        assert ("other curve" in told) == (answer == 3.02)
    assert "It is &lt;2&gt;." in shown[0].data
    for answer, name in ((None, "NoneType"), ("2.0", "str")):
        assert not check_number("9.1", answer, 2.0, 0.1)
        assert f"your answer: expected numbers, got {name}.\n" in capsys.readouterr().out


def test_the_mix_of_notebook_04_is_tried_inside_every_segment():
    text = (NOTEBOOKS / "04_dynamic_neural_textures.py").read_text(encoding="utf-8")
    tried = ast.literal_eval(re.search(r"\ntried = (.*)", text)[1])
    knots = (0.0, 0.33, 0.67, 1.0)
    for low, high in zip(knots, knots[1:], strict=False):

        def wrong_inside(textures, x, low=low, high=high):
            return textures[0] if low < x < high else solutions.mix_textures(textures, x)

        assert not check_answer(
            "4.5", wrong_inside, solutions.mix_textures, [(torch.rand(4, 2), x) for x in tried]
        )
