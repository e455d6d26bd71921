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


def _has_a_sister_anywhere(train, test, clip):
    clips, frames = np.unique(clip, return_counts=True)
    return np.isin(clip[test], clips[frames > 1])


def _costs(fold_of, exchanged=False, all_train=False):
    def costs_by_clip(clip, n, cost):
        rows, fold, costs = np.arange(len(clip)), fold_of(np.asarray(clip), n), []
        for k in range(n):
            train, test = (rows if all_train else rows[fold != k]), rows[fold == k]
            costs.append(cost(test, train) if exchanged else cost(train, test))
        return np.array(costs)

    return costs_by_clip


def _dealt(clip, n):
    return np.unique(clip, return_inverse=True)[1] % n


def _blocks(clip, n):
    blocks = np.array_split(np.unique(clip), n)
    return np.array([next(k for k, block in enumerate(blocks) if one in block) for one in clip])


def _unpaired(with_texture, without):
    n = len(without)
    spread = math.sqrt(with_texture.var(ddof=1) + without.var(ddof=1))
    return stdtrit(n - 1, 0.975) * spread / math.sqrt(n)


def _of_one_fold(with_texture, without):
    return stdtrit(len(without) - 1, 0.975) * (without - with_texture).std(ddof=1)


def _margin(leads):
    return stdtrit(len(leads) - 1, 0.975) * leads.std(ddof=1) / math.sqrt(len(leads))


def _welch(before, after, pooled=False):
    v, w = (leads.var(ddof=1) / len(leads) for leads in (before, after))
    freedom = (v + w) ** 2 / (v**2 / (len(before) - 1) + w**2 / (len(after) - 1))
    freedom = len(before) + len(after) - 2 if pooled else freedom
    return stdtrit(freedom, 0.975) * math.sqrt(v + w)


def _with_square(picture, mean, top, left, side):
    covered = picture.copy()
    rows, columns = slice(top, top + side), slice(left, left + side)
    covered[:, rows, columns] = mean[:, rows, columns]
    return covered


def _in_place(nats, picture, mean, top, left, side):
    before = nats(picture)
    rows, columns = slice(top, top + side), slice(left, left + side)
    picture[:, rows, columns] = mean[:, rows, columns]
    return nats(picture) - before


def _blackened_in_place(pictures):
    pictures[:] = 255 - pictures
    return pictures


entropy_of_guessing: Mistakes = {
    "This is in bits. The notebook measures in nats: the natural logarithm.": _guessing_in_bits,
    "This is right only where all classes have equally many frames.": lambda counts: torch.log(
        torch.tensor(float((counts > 0).sum()))
    ),
    "You averaged over the classes. The mean is over the frames, so a frequent class counts more.": (
        _guessing_unweighted
    ),
}

leaked: Mistakes = {
    "You compared row numbers. No frame is in both parts, but its clip can be.": (
        lambda train, test, clip: np.isin(test, train)
    ),
    "You marked the frames that are not leaked.": lambda train, test, clip: ~np.isin(clip[test], clip[train]),
    "You looked among all clips. Each frame's clip is there. Ask only for the clips that train.": (
        lambda train, test, clip: np.isin(clip[test], clip)
    ),
    "Another frame of the clip may be a test frame, too. Only one that was trained on is a leak.": (
        _has_a_sister_anywhere
    ),
}

costs_by_clip: Mistakes = {
    "You dealt out frames. Then a clip has frames on both sides: deal out the numbers of np.unique(clip).": (
        _costs(lambda clip, n: np.arange(len(clip)) % n)
    ),
    "Every net was trained on all frames, so it knew those of its test.": _costs(_dealt, all_train=True),
    "You exchanged the two: cost(train, test) takes the frames that train first.": (
        _costs(_dealt, exchanged=True)
    ),
    "Your folds are blocks of neighbouring clips. Neighbours have the same type, so a net would miss types "
    "in training. Take every n-th clip.": _costs(_blocks),
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
    "You added the squares of two margins. Each has the large factor of few folds. Add the variances of the "
    "means, and take one factor for both.": lambda before, after: np.array(
        [after.mean() - before.mean(), math.hypot(_margin(before), _margin(after))]
    ),
    "You took n1 + n2 - 2 degrees of freedom. That is for two samples that scatter alike.": (
        lambda before, after: np.array([after.mean() - before.mean(), _welch(before, after, pooled=True)])
    ),
    "The sign is wrong. A lead that grows has a change above 0.": lambda before, after: np.array(
        [before.mean() - after.mean(), _welch(before, after)]
    ),
}

cost_of_covering: Mistakes = {
    "The sign is wrong. A place that matters makes the right class cost more when it is covered.": (
        lambda nats, picture, mean, top, left, side: -_covered(nats, picture, mean, top, left, side)
    ),
    "You covered the square with black. A black square is a new sight by itself. Take the mean picture.": (
        lambda nats, picture, mean, top, left, side: _covered(nats, picture, 0 * mean, top, left, side)
    ),
    "You computed the cost of a difference of pictures. Take the difference of two costs.": (
        lambda nats, picture, mean, top, left, side: nats(
            _with_square(picture, mean, top, left, side) - picture
        )
    ),
    "You exchanged rows and columns. top counts rows, the second axis of the picture.": (
        lambda nats, picture, mean, top, left, side: _covered(nats, picture, mean, left, top, side)
    ),
    "You changed the picture itself. The next square is then cut from a picture with a hole. Cover a copy.": (
        _in_place
    ),
}

own_control: Mistakes = {
    "These are the same pictures: nothing is changed.": lambda pictures: pictures.copy(),
    "A net takes 8-bit pictures, shape (N, 3, S, S): end with .astype(np.uint8).": (
        lambda pictures: np.repeat(pictures.mean(1, keepdims=True), 3, 1)
    ),
    "You changed the pictures that you were given. Other cells use them: change a copy.": _blackened_in_place,
}
