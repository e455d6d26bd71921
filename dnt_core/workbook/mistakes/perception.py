r"""Common wrong answers to the exercises of notebook 05, intensity and perception."""

from __future__ import annotations

import math

import numpy as np

from dnt_core.workbook.mistakes.kinds import Mistakes


def _inverse(order, first=1, backwards=False):
    places = [0] * len(order)
    for place, clip in enumerate(reversed(order) if backwards else order):
        places[clip] = place + first
    return places


def _swapped(distance, spread):
    return 0.5 * math.erfc(distance / (math.sqrt(2) * spread))


def _one_mean(groups):
    values = np.concatenate([np.asarray(group) for group in groups])
    return math.sqrt(np.mean((values - values.mean()) ** 2))


def _mean_of_spreads(groups):
    return np.mean([np.std(group) for group in groups])


def _squared(groups):
    return np.mean([(value - np.mean(group)) ** 2 for group in groups for value in group])


places_of: Mistakes = {
    "You counted the clips of the order from 1. That says which clip stands at each place. The exercise "
    "asks for the place of each clip.": lambda order: [clip + 1 for clip in order],
    "The places begin at 1, yours at 0.": lambda order: _inverse(order, first=0),
    "You counted from the strongest clip. The weakest clip has place 1.": lambda order: _inverse(
        order, backwards=True
    ),
}

swap_probability: Mistakes = {
    "You took the noise of one clip. Both clips are seen with noise, and their difference scatters "
    "more.": lambda distance, noise: _swapped(distance, noise),
    "You added the two standard deviations. Variances add, not standard deviations.": (
        lambda distance, noise: _swapped(distance, 2 * noise)
    ),
    "This is the probability of the right order.": (
        lambda distance, noise: 1 - _swapped(distance, math.sqrt(2) * noise)
    ),
}

chance_rmse: Mistakes = {
    "You took the mean over all groups. A guessed clip gets the mean of its own group.": _one_mean,
    "You averaged the groups' RMSEs. Average the squares over all clips, then take one root.": (
        _mean_of_spreads
    ),
    "The root is missing: this is the mean of the squares.": _squared,
}
