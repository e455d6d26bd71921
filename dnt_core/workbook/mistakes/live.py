r"""Common wrong answers to the exercises of notebook 08, live sliders."""

from __future__ import annotations

import math

from dnt_core.workbook.mistakes.kinds import Mistakes


def _queue(hand, render):
    painted, free = [], 0.0
    for k, when in enumerate(hand):
        free = max(free, when) + render
        painted.append((k, free))
    return painted


def _newest(hand, render, strict=False, begun=False):
    painted, free, last = [], 0.0, -1
    while last < len(hand) - 1:
        free = max(free, hand[last + 1])
        known = [k for k, when in enumerate(hand) if when < free or (when == free and not strict)]
        last = max([last + 1, *known])
        painted.append((last, free if begun else free + render))
        free += render
    return painted


def _timeline(way, draw, under_way, pictures, one_message=False, many_kernels=False):
    shown, free = [], 0.0
    for k in range(pictures):
        arrives = (shown[k - under_way] if k >= under_way else 0.0) + way
        free = (arrives if many_kernels else max(free, arrives)) + draw
        shown.append(free + (0.0 if one_message else way))
    return shown


shown_at: Mistakes = {
    "Here several pictures are drawn at the same time. The kernel draws one after the other.": (
        lambda way, draw, under_way, pictures: _timeline(way, draw, under_way, pictures, many_kernels=True)
    ),
    "A picture is shown when its message has come to the page. You left that message out.": (
        lambda way, draw, under_way, pictures: _timeline(way, draw, under_way, pictures, one_message=True)
    ),
    "Here each request waits for the picture before it. With n under way it waits for the n-th before it.": (
        lambda way, draw, under_way, pictures: _timeline(way, draw, 1, pictures)
    ),
}

newest_wins: Mistakes = {
    "This is the queue: every value is drawn. Skip those that a newer one has replaced.": _queue,
    "A picture is painted when it is drawn, so render seconds after its request.": (
        lambda hand, render: _newest(hand, render, begun=True)
    ),
    "A value that is set at the very moment when the kernel becomes free counts, too.": (
        lambda hand, render: _newest(hand, render, strict=True)
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
    "You rounded up. After a whole number of pictures both ways took equally long, so one more is needed.": (
        lambda folding, plain, folded: math.ceil(folding / (plain - folded))
    ),
}

when_to_send: Mistakes = {
    "It leaves when the kernel becomes free. Then the kernel waits until the message has arrived.": (
        lambda now, free_at, way: max(now, free_at)
    ),
    "When little time is left, this request would leave in the past.": lambda now, free_at, way: (
        free_at - way
    ),
    "This sends at once. Then the request waits in the kernel, and its value grows old.": (
        lambda now, free_at, way: now
    ),
}
