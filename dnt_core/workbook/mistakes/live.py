r"""Common wrong answers to the exercises of notebook 08, live sliders."""

from __future__ import annotations

import numpy as np
import torch

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


def _rate_and_lag(set_ms, shown_ms, steps=-1, from_set=False, of=lambda lags: np.percentile(lags, 95)):
    time = shown_ms[-1] - (set_ms if from_set else shown_ms)[0]
    return 1000 * (len(shown_ms) + steps) / time, of(shown_ms - set_ms)


rate_and_lag: Mistakes = {
    "You divided the number of pictures. From the first of N pictures to the last there are N − 1 steps.": (
        lambda set_ms, shown_ms: _rate_and_lag(set_ms, shown_ms, steps=0)
    ),
    "Your time begins when the first value is set. The rate is that of the pictures on the screen.": (
        lambda set_ms, shown_ms: _rate_and_lag(set_ms, shown_ms, from_set=True)
    ),
    "This is the mean lag. A few slow pictures are hidden in it.": (
        lambda set_ms, shown_ms: _rate_and_lag(set_ms, shown_ms, of=np.mean)
    ),
    "This is the lag that 5 of 100 pictures do not exceed. Look at the other end.": (
        lambda set_ms, shown_ms: _rate_and_lag(set_ms, shown_ms, of=lambda lags: np.percentile(lags, 5))
    ),
}

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

kept_results: Mistakes = {
    "Each basis has the layer's constant in it. The weighted sum would have it once per basis, too.": (
        lambda layer, neutral, bases: torch.stack([layer(neutral), *map(layer, bases)])
    ),
    "You took the constant away from the neutral texture, too. Then the sum has it nowhere.": (
        lambda layer, neutral, bases: (
            torch.stack([layer(neutral), *map(layer, bases)]) - layer(torch.zeros_like(neutral))
        )
    ),
    "You sent each basis through the layer on top of the neutral texture. Its own share is the difference.": (
        lambda layer, neutral, bases: torch.stack(
            [layer(neutral), *(layer(neutral + basis) for basis in bases)]
        )
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
