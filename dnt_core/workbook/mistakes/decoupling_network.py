r"""Common wrong answers to the exercises of notebook 03, the decoupling network."""

from __future__ import annotations

import torch

from dnt_core.workbook.mistakes.kinds import Mistakes
from dnt_core.workbook.solutions import free_and_reach as _free_and_reach
from dnt_core.workbook.solutions import loss_of_D as _loss_of_D


def _pull(logit, saturating):
    d = torch.sigmoid(logit)
    return -d if saturating else d - 1


def _without_inverse(change, basis):
    moves = basis.flatten(0, 1).double()
    return ((change - moves.mT @ (moves @ change)).norm() / change.norm()) ** 2


def _r1(ask, faces):
    faces = faces.detach().requires_grad_(True)
    return torch.autograd.grad(ask(faces).sum(), faces)[0].square().sum(1).mean()


def _share(classifier, x, types):
    return (classifier(x) == types).float().mean()


pull_of: Mistakes = {
    "The size is right, the sign is not: −log(1 + e^ℓ) falls when ℓ grows.": lambda logit, saturating: (
        -_pull(logit, saturating)
    ),
    "You swapped the two variants.": lambda logit, saturating: _pull(logit, not saturating),
    "This is the derivative of the saturating variant for both.": lambda logit, saturating: _pull(
        logit, True
    ),
}

loss_of_D: Mistakes = {
    "The sign is wrong: this is equation 2 itself. D makes it larger, so its loss is the negative of it.": (
        lambda ask, real, made, r1: -_loss_of_D(ask, real, made, 0) + r1 * _r1(ask, real)
    ),
    "You swapped the two kinds: this D learns to call real faces made.": (
        lambda ask, real, made, r1: _loss_of_D(ask, made, real, 0) + r1 * _r1(ask, real)
    ),
    "R1 is left out.": lambda ask, real, made, r1: _loss_of_D(ask, real, made, 0),
    "R1 looks at the slope at the real faces. This is the slope at the made ones.": (
        lambda ask, real, made, r1: _loss_of_D(ask, real, made, 0) + r1 * _r1(ask, made)
    ),
    "R1 is the squared length of the slope: a sum over the 64 numbers, then a mean over the faces.": (
        lambda ask, real, made, r1: _loss_of_D(ask, real, made, 0) + r1 * _r1(ask, real) / real.shape[1]
    ),
}

free_and_reach: Mistakes = {
    "The first number is the share of the other part, the one that moves the landmarks.": lambda c, basis: (
        torch.stack([1 - _free_and_reach(c, basis)[0], _free_and_reach(c, basis)[1]])
    ),
    "The first number is a share of the length. Asked is a share of the squared length.": lambda c, basis: (
        torch.stack([_free_and_reach(c, basis)[0].sqrt(), _free_and_reach(c, basis)[1]])
    ),
    "You subtracted MᵀM c. That is a projection only where the rows of M are orthonormal.": lambda c, basis: (
        torch.stack([_without_inverse(c, basis), _free_and_reach(c, basis)[1]])
    ),
    "The second number is in decimetres. Asked are millimetres.": lambda c, basis: (
        _free_and_reach(c, basis) / torch.tensor([1.0, 100.0])
    ),
    "The second number is the whole change's movement. Divide it by the change's length.": lambda c, basis: (
        _free_and_reach(c, basis) * torch.stack([torch.ones_like(c.norm()), c.norm()])
    ),
    "The second number is the length of all 60 numbers. Asked is the mean over the 20 landmarks.": (
        lambda c, basis: torch.stack(
            [_free_and_reach(c, basis)[0], 100 * (basis.double() @ c).norm() / c.norm()]
        )
    ),
}

fresh_reading: Mistakes = {
    "This is the colleague's function: its classifier has only seen undecoupled faces.": (
        lambda fit, f, train, test: _share(fit(*train), f(test[0]), test[1])
    ),
    "Now it learns from the held-out faces and is asked about them again.": lambda fit, f, train, test: (
        _share(fit(f(test[0]), test[1]), f(test[0]), test[1])
    ),
    "It learns from decoupled faces and is asked about undecoupled ones.": lambda fit, f, train, test: _share(
        fit(f(train[0]), train[1]), test[0], test[1]
    ),
}
