r"""A question before a result: the reader chooses an answer, then the result is shown and says why.

Two cells belong together. The first one asks, the second one shows the result and answers::

    guess = Question("What happens to the lips?", ["they stay", "they move along"])
    guess
    # after the result, in a cell of its own
    guess.answer("they stay", f"They move by {shift:.1f} mm only.")

What is right may follow from the numbers of the run, and so may the sentence that says why. Where no kernel
runs (GitHub, nbviewer, a book) the question is shown with its choices, and the answer is folded.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets

from dnt_core.plotting.captions import with_still
from dnt_core.workbook.exercises import fold


class Question(ipywidgets.VBox):
    r"""A question with choices, none of them chosen at first.

    Args:
        text: one question, plain text.
        choices: two or more answers, all different.

    Raises:
        ValueError: fewer than two choices, or one twice.
    """

    def __init__(self, text: str, choices: Sequence[str]) -> None:
        self.text, self.choices = text, tuple(choices)
        if len(self.choices) < 2 or len(set(self.choices)) < len(self.choices):
            raise ValueError(f"the question {text!r} has the choices {list(choices)}; expected two or more")
        self.buttons = ipywidgets.RadioButtons(
            options=self.choices, value=None, layout=ipywidgets.Layout(width="max-content")
        )
        super().__init__([ipywidgets.HTML(self._asked), self.buttons])

    @property
    def chosen(self) -> str | None:
        r"""The reader's choice; None before."""
        return self.buttons.value

    @property
    def _asked(self) -> str:
        return f"<b>Predict.</b> {html.escape(self.text)}"

    def answer(self, right: str, why: str, wrong: Mapping[str, str] | None = None) -> Answer:
        r"""The answer, to be shown below the result; it follows the reader's choice.

        Args:
            right: the choice that the result shows.
            why: a sentence or two, with the numbers.
            wrong: other choice → what speaks against it.

        Raises:
            ValueError: a choice that the question does not have, or ``right`` among the wrong ones.
        """
        wrong = dict(wrong or {})
        unknown = ({right} | set(wrong)) - set(self.choices)
        if unknown or right in wrong:
            raise ValueError(
                f"{sorted(unknown) or right!r} cannot be answered; the choices are {self.choices}"
            )
        return Answer(self, right, why, wrong)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        items = "".join(f"<li>{html.escape(choice)}</li>" for choice in self.choices)
        page = f"<p>{self._asked}</p><ul>{items}</ul>"
        return with_still(super()._repr_mimebundle_(**options), self.text, page=page)


class Answer(ipywidgets.VBox):
    r"""What :meth:`Question.answer` returns: folded before the reader has chosen, open afterwards."""

    def __init__(self, question: Question, right: str, why: str, wrong: Mapping[str, str]) -> None:
        self.question, self.right, self.why, self.wrong = question, right, why, wrong
        self.page = ipywidgets.HTML()
        self._show()
        question.buttons.observe(self._show, names="value")
        super().__init__([self.page])

    @property
    def text(self) -> str:
        r"""The answer as it stands below the result, without what the reader chose."""
        against = "".join(f" Not “{choice}”: {reason}" for choice, reason in self.wrong.items())
        return f"{self.right}. {self.why}{against}"

    def _show(self, change: Any = None) -> None:
        chosen = self.question.chosen
        if chosen is None:
            self.page.value = fold("Answer (choose above first)", self.text)
        elif chosen == self.right:
            self.page.value = f"<p>✓ <b>{html.escape(chosen)}</b>. {html.escape(self.why)}</p>"
        else:
            reason = html.escape(self.wrong.get(chosen, ""))
            self.page.value = (
                f"<p>✗ You chose <b>{html.escape(chosen)}</b>. {reason}</p>"
                f"<p>The result: <b>{html.escape(self.right)}</b>. {html.escape(self.why)}</p>"
            )

    def _repr_mimebundle_(self, **options: Any) -> Any:
        page = fold("Answer", self.text)
        return with_still(super()._repr_mimebundle_(**options), "the answer, folded", page=page)
