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


def _epoch(make, batches, zero=True, step=True, rate=True, by_frame=True):
    net, optimiser, rates = make()
    losses = []
    for pictures, labels in batches:
        loss = torch.nn.functional.cross_entropy(net(pictures), labels)
        if zero:
            optimiser.zero_grad()
        loss.backward()
        if step:
            optimiser.step()
        if rate:
            rates.step()
        losses.append(loss.item())
    return float(np.average(losses, weights=[len(labels) for _, labels in batches] if by_frame else None))


def _unpaired(with_texture, without):
    n = len(without)
    spread = math.sqrt(with_texture.var(ddof=1) + without.var(ddof=1))
    return stdtrit(n - 1, 0.975) * spread / math.sqrt(n)


def _of_one_fold(with_texture, without):
    return stdtrit(len(without) - 1, 0.975) * (without - with_texture).std(ddof=1)


def _margin(leads):
    return stdtrit(len(leads) - 1, 0.975) * leads.std(ddof=1) / math.sqrt(len(leads))


def _margin_as_if(leads, n):
    return stdtrit(n - 1, 0.975) * leads.std(ddof=1) / math.sqrt(n)


def _with_square(picture, mean, top, left, side):
    covered = picture.copy()
    rows, columns = slice(top, top + side), slice(left, left + side)
    covered[:, rows, columns] = mean[:, rows, columns]
    return covered


def _in_eight_bits(pictures):
    grey = (pictures[:, :1] + pictures[:, 1:2] + pictures[:, 2:]) // 3
    return np.repeat(grey, 3, 1)


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
}

train_epoch: Mistakes = {
    "You averaged over the batches. The last batch is smaller, and the mean is over the frames.": (
        lambda make, batches: _epoch(make, batches, by_frame=False)
    ),
    "The gradients of all batches add up. Set them to zero before each backward.": (
        lambda make, batches: _epoch(make, batches, zero=False)
    ),
    "The weights stay as they were: optimiser.step() is missing.": (
        lambda make, batches: _epoch(make, batches, step=False)
    ),
    "The size of the steps stays as it was: rates.step() is missing.": (
        lambda make, batches: _epoch(make, batches, rate=False)
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
    "You took the number of folds of one study for both.": lambda before, after: np.array(
        [after.mean() - before.mean(), math.hypot(_margin(before), _margin_as_if(after, len(before)))]
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
    "You computed the cost of a difference of pictures. Take the difference of two costs.": (
        lambda nats, picture, mean, top, left, side: nats(
            _with_square(picture, mean, top, left, side) - picture
        )
    ),
    "You exchanged rows and columns. top counts rows, the second axis of the picture.": (
        lambda nats, picture, mean, top, left, side: _covered(nats, picture, mean, left, top, side)
    ),
}

without_colour: Mistakes = {
    "You added in 8 bits, where 200 + 100 is 44. Count in larger numbers.": _in_eight_bits,
    "You kept one channel. A blush changes red most, so red alone still shows it.": (
        lambda pictures: np.repeat(pictures[:, :1], 3, 1)
    ),
    "You averaged over the frames. Each frame should keep its own picture.": (
        lambda pictures: np.broadcast_to(pictures.mean(0), pictures.shape).astype(np.uint8)
    ),
}
