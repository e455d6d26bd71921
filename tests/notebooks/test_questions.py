r"""Questions before results: chosen and told why; without a kernel the answer is folded."""

import json
import re
from pathlib import Path

import jupytext
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


NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9][0-9]_*.py"))
ACTS = ("Question(", "check_exercise(", "check_number(", "PictureWithSliders(", "FloatSlider(")
#: Titles of sections that close a notebook: they sum up and ask nothing.
CLOSING = ("in short", "the numbers", "what the paper claims", "exercises")
#: Sections that only show.
#: 04 shows its one frame. 07 plays its sentence. 02's code is that of its long run.
SHOWS = {
    "02_where_are_expressions": {"1", "2"},
    "04_dynamic_neural_textures": {"1"},
    "07_audio_to_video": {"1"},
}


def sections(path):
    r"""(number, title, source of its code cells) of each section of a notebook."""
    found = []
    for cell in jupytext.read(path).cells:
        for title in re.findall(r"^## (.+)$", cell.source, flags=re.MULTILINE):
            if cell.cell_type == "markdown":
                found.append([title.split(" · ")[0], title, ""])
        if cell.cell_type == "code" and found:
            found[-1][2] += cell.source + "\n"
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[p.stem for p in NOTEBOOKS])
def test_every_question_is_answered_in_a_later_cell(path):
    cells = [cell.source for cell in jupytext.read(path).cells if cell.cell_type == "code"]
    asked = {
        name: k
        for k, s in enumerate(cells)
        for name in re.findall(r"^\s*(\w+) = Question\(", s, re.MULTILINE)
    }
    answered = {name: k for k, s in enumerate(cells) for name in re.findall(r"(\w+)\.answer\(", s)}
    assert asked and asked.keys() == answered.keys()
    same_cell = [name for name in asked if answered[name] <= asked[name]]
    assert not [name for name in same_cell if f"display({name})" not in cells[asked[name]]]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[p.stem for p in NOTEBOOKS])
def test_every_section_lets_the_reader_act(path):
    silent = {
        number
        for number, title, code in sections(path)
        if not any(act in code for act in ACTS) and not any(word in title.lower() for word in CLOSING)
    }
    assert silent == SHOWS.get(path.stem, set())
