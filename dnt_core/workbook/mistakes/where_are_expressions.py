r"""Common wrong answers to the exercises of notebook 02, where are expressions."""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.special import stdtrit

from dnt_core.workbook.mistakes.kinds import Mistakes
from dnt_core.workbook.solutions import cost_of_covering as _covered


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


def _margin(leads):
    return stdtrit(len(leads) - 1, 0.975) * leads.std(ddof=1) / math.sqrt(len(leads))


def _label_of_clip(labels, clips, order):
    of_clip = np.zeros(len(order), int)
    of_clip[clips] = labels
    return of_clip


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

margin_of_groups: Mistakes = {
    "This is the colleague's function: it treats the two groups as if they had been tested on different "
    "frames. A hard fold is hard for both.": _unpaired,
    "This is how far one fold lies from the mean. The mean of n folds is surer than that.": _of_one_fold,
    "You divided by n where the standard deviation divides by n − 1.": lambda with_texture, without: (
        stdtrit(len(without) - 1, 0.975) * np.std(without - with_texture) / math.sqrt(len(without))
    ),
}

change_of_lead: Mistakes = {
    "You paired the folds. Fold 1 of one study does not test the frames of fold 1 of the other.": (
        lambda before, after: np.array([after.mean() - before.mean(), _margin(after - before)])
    ),
    "You added the margins. Two independent errors seldom are at their worst on the same side.": (
        lambda before, after: np.array([after.mean() - before.mean(), _margin(before) + _margin(after)])
    ),
    "The sign is wrong. A lead that grows has a change above 0.": lambda before, after: np.array(
        [before.mean() - after.mean(), math.hypot(_margin(before), _margin(after))]
    ),
}

cost_of_covering: Mistakes = {
    "The sign is wrong. A place that matters makes the right class cost more when it is covered.": (
        lambda nats, picture, mean, top, left, side: -_covered(nats, picture, mean, top, left, side)
    ),
    "You covered the square with black. A black square is a new sight by itself. Take the mean picture.": (
        lambda nats, picture, mean, top, left, side: _covered(nats, picture, 0 * mean, top, left, side)
    ),
    "You exchanged rows and columns. top counts rows, the second axis of the picture.": (
        lambda nats, picture, mean, top, left, side: _covered(nats, picture, mean, left, top, side)
    ),
}

exchanged_labels: Mistakes = {
    "You gave clip order[k] the label of clip k. It should be the other way round.": (
        lambda labels, clips, order: _label_of_clip(labels, clips, order)[np.argsort(order)][clips]
    ),
    "You took the label of frame number order[k], and not that of clip number order[k].": (
        lambda labels, clips, order: labels[order[clips]]
    ),
    "These are the numbers of the clips. Give each frame the label of that clip.": (
        lambda labels, clips, order: order[clips]
    ),
}
