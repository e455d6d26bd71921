r"""The score s = Mx of section 5.2 and what it is compared by: slope and RMSE against y = x, and Kendall's
τ.

M is the mean of the observers' order matrices. It is doubly stochastic, so mean s = mean x and
min x ≤ s_i ≤ max x; s = x if and only if all observers gave the true order; where everybody guesses, M →
1/m and every clip scores mean x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dnt_core.studies.perceptual_study.orders import GroupOrders


def mean_order_matrix(matrices: np.ndarray) -> np.ndarray:
    r"""M (m, m), the mean of the order matrices M_i (k, m, m)."""
    return np.asarray(matrices, dtype=float).mean(axis=0)


def score(matrix: np.ndarray, intensity: np.ndarray) -> np.ndarray:
    r"""s = Mx (section 5.2): the mean intensity of the places that each clip was given.

    Args:
        matrix: M (..., m, m), doubly stochastic.
        intensity: x (m,), increasing, in [0, 1].

    Returns:
        s (..., m), in the sequence of x.
    """
    return np.asarray(matrix, dtype=float) @ np.asarray(intensity, dtype=float)


def group_score(group: GroupOrders) -> np.ndarray:
    r"""s (m,) of a group."""
    return score(mean_order_matrix(group.matrices), group.intensity)


def kendall_tau(positions: np.ndarray) -> np.ndarray:
    r"""Kendall's τ ∈ [−1, 1] of orders with the true one: concordant less discordant pairs over all pairs.

    Args:
        positions: (..., m) place of each clip, clips in increasing order of true intensity; a tied pair
            counts 0.
    """
    positions = np.asarray(positions, dtype=float)
    i, j = np.triu_indices(positions.shape[-1], k=1)
    return np.sign(np.round(positions[..., j] - positions[..., i], 9)).mean(axis=-1)


def slope(intensity: Sequence[np.ndarray], scores: Sequence[np.ndarray]) -> float:
    r"""Least-squares slope of s on x *within* groups: Σ (x−x̄)(s−x̄) / Σ (x−x̄)², x̄ each group's own mean.

    1 when all agree with the true order, 0 when all guess. A line through all points at once would not do:
    since mean s = mean x in every group, groups of unequal mean give it a positive slope even when
    everybody guesses.
    """
    products = sum(float((x - x.mean()) @ (s - x.mean())) for x, s in zip(intensity, scores, strict=True))
    return products / sum(float((x - x.mean()) @ (x - x.mean())) for x in intensity)


def rmse(intensity: Sequence[np.ndarray], scores: Sequence[np.ndarray]) -> float:
    r"""Root of the mean of (s − x)² over all clips, the distance from the line y = x."""
    difference = np.concatenate([s - x for x, s in zip(intensity, scores, strict=True)])
    return float(np.sqrt(np.mean(difference**2)))


@dataclass(frozen=True)
class Summary:
    r"""Scores of some groups in short.

    ``rmse_guessing`` is the RMSE that endlessly many guessing observers would get (s = mean x),
    ``unanimous`` the share of orders that are wholly right.
    """

    groups: int
    observers: int
    orders: int
    slope: float
    rmse: float
    rmse_guessing: float
    tau: float
    unanimous: float


def summarise(groups: Sequence[GroupOrders]) -> Summary:
    r"""Slope, RMSE and mean τ of some groups. ValueError when there are none."""
    if not groups:
        raise ValueError("no groups to summarise")
    x = [g.intensity for g in groups]
    taus = np.concatenate([kendall_tau(g.positions) for g in groups])
    return Summary(
        groups=len(groups),
        observers=len({o for g in groups for o in g.observers}),
        orders=len(taus),
        slope=slope(x, [group_score(g) for g in groups]),
        rmse=rmse(x, [group_score(g) for g in groups]),
        rmse_guessing=rmse(x, [np.full_like(v, v.mean()) for v in x]),
        tau=float(taus.mean()),
        unanimous=float((taus == 1).mean()),
    )


def pooled_order_matrix(groups: Sequence[GroupOrders]) -> np.ndarray:
    r"""M (m, m) of several groups of the same m, e.g. of one expression: the mean of their M."""
    sizes = {len(g.clips) for g in groups}
    if len(sizes) != 1:
        raise ValueError(f"order matrices of unlike sizes {sorted(sizes)} have no mean")
    return np.mean([mean_order_matrix(g.matrices) for g in groups], axis=0)
