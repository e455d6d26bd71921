r"""Equations 2 to 5: what makes a face neutral and keeps its lips.

The paper writes norms and leaves open whether they are summed or averaged. Here both are *means*, as torch's
``l1_loss`` and ``mse_loss`` take them: equation 3 over frames and the 64 numbers, equation 4 squared over
frames, the 20 mouth landmarks and their 3 coordinates. Only so is λ2 = 50000 a balance: lips that are off
by 1 mm (0.01 dm) cost 50000 · 0.01² / 3 = 1.7, against log 2 = 0.7 of an undecided discriminator. Summed,
the same millimetre would cost 100, and with an unsquared norm 2236: the network would never move.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.face3d.morphable_model import MOUTH, MorphableModel

LAMBDA1 = 1.0
LAMBDA2 = 50_000.0  # for landmarks in decimetres
DECIMETRES = {"dm": 1.0, "m": 10.0, "cm": 0.1, "mm": 0.01}  # one unit in decimetres


class MouthLandmarks(nn.Module):
    r"""The 20 mouth landmarks as a function of the expression numbers, before the pose, for the mean
    identity.

    They are linear in β, and the identity only shifts them: the *difference* of two expressions is the same
    for everyone, so equation 4 needs 60 rows of the expression basis and nothing else of the face.

    Args:
        model: the face model that the expression numbers belong to.
    """

    def __init__(self, model: MorphableModel) -> None:
        super().__init__()
        indices = model.landmark_indices[MOUTH]
        self.register_buffer("mean", model.mean_shape[indices].clone())  # (20, 3) dm
        self.register_buffer("basis", model.expression_basis[indices].clone())  # (20, 3, 64) dm

    def forward(self, expression: Tensor) -> Tensor:
        r"""β (..., 64) → (..., 20, 3) in decimetres."""
        moved = F.linear(expression, self.basis.to(expression).flatten(0, 1)).unflatten(-1, (-1, 3))
        return moved + self.mean.to(moved)


def discriminator_loss(real: Tensor, made: Tensor) -> Tensor:
    r"""Equation 2 as the discriminator sees it: −E[log D(F_n)] − E[log(1 − D(f_d(F)))].

    Args:
        real: (N,) logits of real neutral faces F_n. made: (M,) logits of f_d(F).
    """
    return F.softplus(-real).mean() + F.softplus(made).mean()


def adversarial_loss(made: Tensor, saturating: bool = True) -> Tensor:
    r"""Equation 2 as the decoupling network sees it.

    Args:
        made: (M,) logits of f_d(F).
        saturating: E[log(1 − D(f_d(F)))], the paper's equation. Its gradient in the logit is −D: where the
            discriminator is sure (D near 0) nothing pulls any more. False: −E[log D(f_d(F))], the same
            optimum for an ideal discriminator but a gradient of −(1 − D), strongest where the face is least
            neutral.
    """
    return -F.softplus(made).mean() if saturating else F.softplus(-made).mean()


def neutral_loss(before: Tensor, after: Tensor) -> Tensor:
    r"""Equation 3: mean |f_d(F_n) − F_n| over neutral frames, (N, 64) each. What is neutral stays."""
    return F.l1_loss(after, before)


def mouth_loss(before: Tensor, after: Tensor) -> Tensor:
    r"""Equation 4: mean squared distance, coordinate by coordinate, of the mouth landmarks (N, 20, 3)."""
    return F.mse_loss(after, before)


def mouth_norm(before: Tensor, after: Tensor) -> Tensor:
    r"""Equation 4 as it is printed, a norm: mean over frames of the Euclidean norm of the 60 differences of
    the mouth landmarks (N, 20, 3).

    Its gradient has the same length however small the error is, where that of :func:`mouth_loss` fades.
    """
    return torch.linalg.vector_norm((after - before).flatten(1), dim=1).mean()


def lambda2_for(unit: str, lambda2: float = LAMBDA2) -> float:
    r"""λ2 for landmarks in another unit, so that λ2 × equation 4 stays the same number.

    Equation 4 is quadratic in the landmarks: 50000 in decimetres are 5 in millimetres (÷ 100²). Of an
    unsquared norm it would be 500 (÷ 100).

    Raises:
        ValueError: a unit that is none of m, dm, cm, mm.
    """
    if unit not in DECIMETRES:
        raise ValueError(f"unknown unit {unit!r}, expected one of {', '.join(DECIMETRES)}")
    return lambda2 * DECIMETRES[unit] ** 2


def total_loss(
    adversarial: Tensor, neutral: Tensor, mouth: Tensor, lambda1: float = LAMBDA1, lambda2: float = LAMBDA2
) -> Tensor:
    r"""Equation 5: L = L_adv + λ1 L_neutral + λ2 L_mouth.

    Args:
        lambda1: higher: neutral frames change less. lambda2: higher: lips stay, faces stay expressive around
            them; for landmarks in decimetres, see :func:`lambda2_for`.
    """
    return adversarial + lambda1 * neutral + lambda2 * mouth


def gradient_penalty(discriminator: nn.Module, real: Tensor, *told: Tensor | None) -> Tensor:
    r"""Mean squared gradient of the logit at real neutral faces (R1 of Mescheder et al. 2018); not in the
    paper.

    It keeps the discriminator smooth: it goes on judging the brows above a mouth that no neutral face has.
    """
    real = real.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(real, *told).sum(), real, create_graph=True)
    return gradient.square().sum(-1).mean()
