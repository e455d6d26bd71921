r"""What one would do without a decoupling network; each is a function β (N, 64) → β (N, 64)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dnt_core.ciec import encode
from dnt_core.clips.expression_frames import ExpressionFrames

Decoupler = Callable[[Tensor], Tensor]


def identity_map() -> Decoupler:
    r"""Leave the face as it is: perfect lips, nothing neutral."""
    return lambda expression: expression


def neutral_mean(frames: ExpressionFrames) -> Decoupler:
    r"""Replace every face by the mean of the neutral frames: perfectly neutral, and mute.

    Args:
        frames: with neutral ones among them.
    """
    mean = frames.expression[frames.neutral].mean(0)
    return lambda expression: mean.expand_as(expression)


def linear_to_neutral(frames: ExpressionFrames, ridge: float = 1e-2) -> Decoupler:
    r"""Subtract what a linear regression takes for the expression: β − B C β.

    C predicts the CIEC from β, B the shift of β from the CIEC; labels are needed to fit, none to use. A
    linear map of rank 7.

    Args:
        frames: to fit on.
        ridge: weight of the penalty on the regressions' coefficients; higher: less is subtracted.
    """
    neutral = frames.expression[frames.neutral].mean(0)
    x = (frames.expression - neutral).double()
    ciec = encode(frames.type, frames.intensity).double()
    reads = _ridge(x, ciec, ridge)  # (64, 7)
    shifts = _ridge(ciec, x, ridge)  # (7, 64)
    change = (reads @ shifts).to(frames.expression)
    return lambda expression: expression - (expression - neutral) @ change


def keeping_the_lips(
    decoupler: Decoupler, frames: ExpressionFrames, lip_basis: Tensor, weight: float
) -> Decoupler:
    r"""A decoupler's change Δ without the part KΔ that the lips would miss most.

    K minimises (KΔ − Δ)ᵀ w LᵀL (KΔ − Δ) + (KΔ)ᵀ S⁻¹ (KΔ), with L the lip landmarks' basis and S the
    covariance of neutral faces: what is put back is as usual a movement as can be.

    Args:
        decoupler: β (N, 64) → β (N, 64).
        frames: neutral ones among them, for S.
        lip_basis: (20, 3, 64), as ``MouthLandmarks.basis``.
        weight: w; higher: the lips stay, and more of the expression with them. 0: the decoupler as it is.
    """
    kept = kept_for_the_lips(frames, lip_basis, weight)
    return lambda expression: (
        expression + (decoupler(expression) - expression) @ (torch.eye(len(kept)).to(kept) - kept.mT)
    )


def kept_for_the_lips(frames: ExpressionFrames, lip_basis: Tensor, weight: float) -> Tensor:
    r"""K (64, 64) of :func:`keeping_the_lips`: (1 + w S LᵀL)⁻¹ w S LᵀL, so that S may be of few neutral
    frames, or of a model with fewer than 64 shapes: nothing moves in ways that neutral faces do not."""
    basis = lip_basis.double().flatten(0, 1)  # (60, 64)
    pull = weight * torch.cov(frames.expression[frames.neutral].double().T) @ basis.mT @ basis
    return torch.linalg.solve(torch.eye(len(pull)).to(pull) + pull, pull).to(lip_basis)


def linear_to_truth(frames: ExpressionFrames, ridge: float = 1e-2) -> Decoupler:
    r"""A linear regression that was told the answer: β → the speech's β. Only the built-in actor can teach
    it.

    Args:
        frames: to fit on, with the actor's truth.
        ridge: weight of the penalty on the regression's coefficients.

    Raises:
        ValueError: the frames hold no truth.
    """
    if frames.speech is None:
        raise ValueError("these frames hold no speech-only expression; only the built-in actor knows it")
    ones = torch.ones(len(frames), 1).double()
    weights = _ridge(torch.cat([frames.expression.double(), ones], 1), frames.speech.double(), ridge)
    weights = weights.to(frames.expression)  # (65, 64)
    return lambda expression: expression @ weights[:-1] + weights[-1]


def _ridge(x: Tensor, y: Tensor, ridge: float) -> Tensor:
    gram = x.mT @ x + ridge * len(x) * torch.eye(x.shape[1], dtype=x.dtype) * 1e-2
    return torch.linalg.solve(gram, x.mT @ y)
