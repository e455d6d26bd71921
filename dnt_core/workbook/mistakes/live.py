r"""Common wrong answers to the exercises of notebook 08, live sliders."""

from __future__ import annotations

import math

import torch

from dnt_core.workbook.mistakes.kinds import Mistakes


def _queue(hand, render):
    painted, free = [], 0.0
    for k, when in enumerate(hand):
        free = max(free, when) + render
        painted.append((k, free))
    return painted


def _newest(hand, render, oldest_next=False, begun=False):
    painted, free, last = [], 0.0, -1
    while last < len(hand) - 1:
        free = max(free, hand[last + 1])
        last = last + 1 if oldest_next else max(k for k, when in enumerate(hand) if when <= free)
        painted.append((last, free if begun else free + render))
        free += render
    return painted


def _straight(a, x, b, y, s):
    code = torch.zeros(7)
    code[a], code[b] = (1 - s) * x, s * y
    return code


def _halves(a, x, b, y, s):
    code = torch.zeros(7)
    code[a], code[b] = max(x * (1 - 2 * s), 0.0), max(y * (2 * s - 1), 0.0)
    return code


newest_wins: Mistakes = {
    "This is the queue: every value is drawn. Skip those that a newer one has replaced.": _queue,
    "A picture is painted when it is drawn, so render seconds after its request.": (
        lambda hand, render: _newest(hand, render, begun=True)
    ),
}

pays_after: Mistakes = {
    "You divided by the time of a plain picture. What a folded picture saves is the difference of the two.": (
        lambda folding, plain, folded: math.floor(folding / plain) + 1
    ),
    "You divided by the time of a folded picture. What it saves is the difference of the two.": (
        lambda folding, plain, folded: math.floor(folding / folded) + 1
    ),
    "You cut the fraction off. After that many pictures folding is still behind.": (
        lambda folding, plain, folded: math.floor(folding / (plain - folded))
    ),
}

on_the_way: Mistakes = {
    "Here two types are above zero at once, so this is no CIEC. The first has to be gone before the second "
    "begins.": _straight,
    "You gave each of the two ways half of the time. They have the lengths x and y.": _halves,
}
