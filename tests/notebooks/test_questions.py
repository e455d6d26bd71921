r"""Questions before results: chosen and told why; without a kernel the answer is folded."""

import json

import pytest

from dnt_core.workbook.questions import Question


def test_the_answer_follows_the_choice():
    guess = Question("Higher or <lower>?", ["higher", "lower"])
    answer = guess.answer("lower", "It is 2 < 3.", {"higher": "The curve falls."})
    assert guess.chosen is None and "<details>" in answer.page.value
    guess.buttons.value = "higher"
    page = answer.page.value
    assert "✗" in page and "The curve falls." in page and "It is 2 &lt; 3." in page
    assert "<details>" not in page
    guess.buttons.value = "lower"
    assert "✓" in answer.page.value and "The curve falls." not in answer.page.value
    assert "✓" in guess.answer("lower", "It is 2.").page.value  # asked again after the choice


def test_a_reader_without_a_kernel_sees_the_question_and_can_open_the_answer():
    guess = Question("Higher or <lower>?", ["higher", "lower"])
    asked, answered = guess._repr_mimebundle_(), guess.answer("lower", "Because.")._repr_mimebundle_()
    for bundle in (asked, answered):
        json.dumps(bundle)
        assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "<li>higher</li><li>lower</li>" in asked["text/html"] and "&lt;lower&gt;" in asked["text/html"]
    assert (
        answered["text/html"].startswith("<details><summary>") and "lower. Because." in answered["text/html"]
    )


@pytest.mark.parametrize("choices", [["one"], ["same", "same"], []])
def test_a_question_needs_two_different_choices(choices):
    with pytest.raises(ValueError, match="two or more"):
        Question("Which?", choices)


def test_an_answer_is_one_of_the_choices():
    guess = Question("Which?", ["a", "b"])
    for right, wrong in (("c", {}), ("a", {"c": "no"}), ("a", {"a": "no"})):
        with pytest.raises(ValueError, match="the choices are"):
            guess.answer(right, "so", wrong)
