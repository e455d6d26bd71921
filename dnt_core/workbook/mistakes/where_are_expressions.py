r"""Common wrong answers to the exercises of notebook 02, where are expressions."""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.special import stdtrit

from dnt_core.workbook.mistakes.kinds import Mistakes


def _guessing_in_bits(counts):
    shares = counts[counts > 0] / counts.sum()
    return -(shares * shares.log2()).sum()


def _guessing_unweighted(counts):
    shares = counts[counts > 0] / counts.sum()
    return -shares.log().mean()


def _in_blocks(classes, folds):
    fold = torch.zeros(len(classes), dtype=torch.long)
    for one in classes.unique():
        own = torch.nonzero(classes == one)[:, 0]
        fold[own] = torch.arange(len(own)) * folds // len(own)
    return fold


def _unpaired(with_texture, without):
    n = len(without)
    spread = math.sqrt(with_texture.var(ddof=1) + without.var(ddof=1))
    return stdtrit(n - 1, 0.975) * spread / math.sqrt(n)


def _of_one_fold(with_texture, without):
    return stdtrit(len(without) - 1, 0.975) * (without - with_texture).std(ddof=1)


entropy_of_guessing: Mistakes = {
    "This is in bits. The notebook measures in nats: the natural logarithm.": _guessing_in_bits,
    "This is right only where all classes have equally many frames.": lambda counts: torch.log(
        torch.tensor(float((counts > 0).sum()))
    ),
    "You averaged over the classes. The mean is over the frames, so a frequent class counts more.": (
        _guessing_unweighted
    ),
}

fold_of_clips: Mistakes = {
    "You dealt the clips out without looking at their classes. A class can end up in one fold.": (
        lambda classes, folds: torch.arange(len(classes)) % folds
    ),
    "You cut each class into blocks. Deal its clips out one by one: first, second, third fold, first …": (
        _in_blocks
    ),
}

texture_ratio: Mistakes = {
    "This is the ratio the other way round.": lambda ce: ce[:3].mean() / ce[3:].mean(),
    "You took sums. The groups have three and two members.": lambda ce: ce[3:].sum() / ce[:3].sum(),
    "This is the difference of the two means.": lambda ce: ce[3:].mean() - ce[:3].mean(),
}

margin_of_groups: Mistakes = {
    "This is the colleague's function: it treats the two groups as if they had been tested on different "
    "frames. A hard fold is hard for both.": _unpaired,
    "This is how far one fold lies from the mean. The mean of n folds is surer than that.": _of_one_fold,
    "You divided by n where the standard deviation divides by n − 1.": lambda with_texture, without: (
        stdtrit(len(without) - 1, 0.975) * np.std(without - with_texture) / math.sqrt(len(without))
    ),
}
