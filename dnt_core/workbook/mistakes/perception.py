r"""Common wrong answers to the exercises of notebook 05, intensity and perception."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from dnt_core.workbook.mistakes.kinds import Mistakes
from dnt_core.workbook.solutions import crowd_strength as _crowd_strength


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


def _crowds(scores, draws):
    return [scores[drawn].mean(axis=0) for drawn in draws]


def _normal_interval(scores):
    half = 1.96 * scores.std(axis=0, ddof=1) / math.sqrt(len(scores))
    return np.stack([scores.mean(axis=0) - half, scores.mean(axis=0) + half])


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

score_interval: Mistakes = {
    "This is how far single observers differ. A score is the mean of a whole crowd.": (
        lambda scores, draws: np.percentile(scores, (2.5, 97.5), axis=0)
    ),
    "You left out 5 % at each end. That is an interval of 90 %.": (
        lambda scores, draws: np.percentile(_crowds(scores, draws), (5, 95), axis=0)
    ),
    "This is the formula with the standard deviation. The bootstrap takes the drawn crowds' own scores.": (
        lambda scores, draws: _normal_interval(scores)
    ),
}

crowd_strength: Mistakes = {
    "You left out those who named another emotion. They count 0, and they are counted.": (
        lambda named, strengths, intended: np.mean(
            [s / 100 for name, s in zip(named, strengths, strict=True) if name == intended]
        )
    ),
    "You took the strength of every vote, whatever emotion it names.": (
        lambda named, strengths, intended: np.mean(strengths) / 100
    ),
    "This is the share of people who named the intended emotion. How strong it looked to them counts, too.": (
        lambda named, strengths, intended: np.mean([name == intended for name in named])
    ),
    "Strengths go from 0 to 100, the intensity from 0 to 1.": (
        lambda named, strengths, intended: 100 * _crowd_strength(named, strengths, intended)
    ),
}

second_share: Mistakes = {
    "You took the shares of exchanges for distances. Clips far apart are exchanged rarely.": (
        lambda p_first, p_second: p_second / (p_first + p_second)
    ),
    "This is the share of the first step.": (
        lambda p_first, p_second: ndtri(p_first) / (ndtri(p_first) + ndtri(p_second))
    ),
    "You took the share of right orders for a distance. Clips that look the same have the distance 0.": (
        lambda p_first, p_second: (1 - p_second) / (2 - p_first - p_second)
    ),
}
