r"""Why s shrinks towards the mean when observers err, and by how much (beyond the paper).

M is doubly stochastic, that is a mean of permutations P. Each P only rearranges x about its mean, so
|P(x−x̄)| = |x−x̄|, and the mean of such vectors is no longer than they are: |s−x̄| ≤ |x−x̄|, with equality
only if all observers gave the same order. So a slope below 1 is what *erring observers* give, even to
perfect clips.

Two models say how much. An observer who guesses with probability ε (a *lapse*) has E[M] = (1−ε)I + ε/m,
thus s = (1−ε)x + εx̄: the slope is exactly 1−ε. A Thurstone observer orders percepts x + σ·noise; E[M] is
an integral.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from dnt_core.studies.perceptual_study.orders import GroupOrders
from dnt_core.studies.perceptual_study.score import group_score, score, slope


def lapse_order_matrix(m: int, lapse: float) -> np.ndarray:
    r"""E[M] (m, m) = (1−ε)I + ε/m of observers who guess with probability ``lapse`` and else are right."""
    if m < 2 or not 0 <= lapse <= 1:
        raise ValueError(f"expected m ≥ 2 clips and a lapse probability in [0, 1], got {m} and {lapse}")
    return (1 - lapse) * np.eye(m) + lapse / m


def thurstone_order_matrix(percept: np.ndarray, noise: float, n_grid: int = 1201) -> np.ndarray:
    r"""E[M] (m, m) of Thurstone observers, who order the values percept_i + noise · N(0, 1).

    P(i placed j) = ∫ p_i(t) · P(exactly j−1 of the other percepts lie below t) dt, by the trapezium rule.

    Args:
        percept: (m,) mean percept of each clip, clips in increasing order of intensity.
        noise: σ ≥ 0, in units of intensity; 0 orders the percepts themselves, infinity guesses.
    """
    percept = np.asarray(percept, dtype=float)
    m = len(percept)
    if not noise >= 0:
        raise ValueError(f"the noise of an observer must be ≥ 0, got {noise}")
    if np.isinf(noise):
        return np.full((m, m), 1 / m)
    if noise == 0:
        return (np.argsort(np.argsort(percept, kind="stable"))[:, None] == np.arange(m)).astype(float)
    t = np.linspace(percept.min() - 8 * noise, percept.max() + 8 * noise, n_grid)
    if t[1] - t[0] > noise / 4:  # narrow bells far apart: refine, at most m times the grid of one bell
        t = np.unique(np.concatenate([p + noise * np.linspace(-8, 8, n_grid) for p in percept]))
    z = (t - percept[:, None]) / noise  # (m, T)
    density, below = np.exp(-z * z / 2) / (np.sqrt(2 * np.pi) * noise), ndtr(z)
    matrix = np.empty((m, m))
    for i in range(m):
        count = np.zeros((m, len(t)))  # P(j of the others below t)
        count[0] = 1
        for other in (o for o in range(m) if o != i):
            shifted = np.vstack([np.zeros(len(t)), count[:-1]])
            count = count * (1 - below[other]) + shifted * below[other]
        matrix[i] = np.trapezoid(density[i] * count, t, axis=1)
    return matrix


def expected_scores(groups: Sequence[GroupOrders], noise: float) -> list[np.ndarray]:
    r"""s of each group that Thurstone observers of that noise would give to clips that show exactly x."""
    return [score(thurstone_order_matrix(g.intensity, noise), g.intensity) for g in groups]


def observers_noise(groups: Sequence[GroupOrders]) -> float:
    r"""The Thurstone noise σ (in units of intensity) at which perfect clips would get the slope observed.

    0 for a slope of 1 (nobody errs); infinity beyond 5, where there is no telling it from guessing. What
    then remains between s and ``expected_scores`` is not explained by shrinkage: the clips' intensities are
    off, or chance.
    """
    x = [g.intensity for g in groups]
    observed = slope(x, [group_score(g) for g in groups])

    def excess(log_noise: float) -> float:
        return slope(x, expected_scores(groups, float(np.exp(log_noise)))) - observed

    low, high = np.log(1e-3), np.log(5.0)
    if observed > 1 - 1e-9 or excess(low) <= 0:  # the integral's slope may be above 1 by its rounding
        return 0.0
    if excess(high) >= 0:
        return float("inf")
    return float(np.exp(brentq(excess, low, high, xtol=1e-4)))
