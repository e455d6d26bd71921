r"""Bradley–Terry and Plackett–Luce strengths of a group's clips, fitted beside s = Mx (beyond the paper).

Both give each clip a strength λ_i > 0. Bradley–Terry: i is placed above j with probability λ_i / (λ_i +
λ_j). Plackett–Luce: an order is made by choosing the strongest of those left, i with probability λ_i / Σ λ.
Unlike s, log λ does not shrink towards the mean as observers err; its unit (logits) shrinks instead and has
to be calibrated.

If all observers agree the likelihood has no maximum, so each pair of clips is taken to have been compared
``prior`` more times, half with either result. Fitted by minorisation-maximisation (Hunter 2004).

The package choix 0.4 gives the same strengths, to 2e-9: Bradley–Terry from the matrix of wins, in half the
time; Plackett–Luce, which takes whole orders only, from each order given four times and each pair of clips
as an order of two, in either direction once (for a prior of 0.5), in 2.5 times the time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dnt_core.studies.perceptual_study.orders import GroupOrders


def bradley_terry(positions: np.ndarray, prior: float = 0.5, tol: float = 1e-10) -> np.ndarray:
    r"""Centred log-strengths (m,) from orders (k, m) of places; larger place = stronger, a tied pair is
    half a win.

    ValueError for a prior that is not positive, or orders of the wrong shape.
    """
    positions = _check(positions, prior)
    above = positions[:, :, None] - positions[:, None, :]  # (k, m, m), > 0 where i is above j
    wins = ((above > 0) + 0.5 * (above == 0)).sum(axis=0) + prior / 2
    np.fill_diagonal(wins, 0)
    games = wins + wins.T

    def step(strength: np.ndarray) -> np.ndarray:
        return wins.sum(axis=1) / (games / (strength[:, None] + strength)).sum(axis=1)

    return _iterate(step, positions.shape[1], tol)


def plackett_luce(positions: np.ndarray, prior: float = 0.5, tol: float = 1e-10) -> np.ndarray:
    r"""Centred log-strengths (m,) from orders (k, m) of places, the strongest chosen first.

    ValueError for ties, a prior that is not positive, or orders of the wrong shape.
    """
    positions = _check(positions, prior)
    k, m = positions.shape
    if (np.diff(np.sort(positions, axis=1), axis=1) == 0).any():
        raise ValueError("Plackett–Luce needs orders without ties")
    chosen = np.argsort(-positions, axis=1)  # (k, m), strongest first
    wins = k - np.bincount(chosen[:, -1], minlength=m) + prior / 2 * (m - 1)  # times chosen before the last

    def step(strength: np.ndarray) -> np.ndarray:
        left = np.cumsum(strength[chosen][:, ::-1], axis=1)[:, ::-1]  # (k, m) strength of those still left
        share = np.cumsum(1 / left[:, :-1], axis=1)  # (k, m-1) over the choices so far
        share = np.concatenate([share, share[:, -1:]], axis=1)  # the last one took part in all m−1
        taken = np.bincount(chosen.ravel(), weights=share.ravel(), minlength=m)
        pairs = prior / (strength[:, None] + strength)
        return wins / (taken + pairs.sum(axis=1) - np.diag(pairs))

    return _iterate(step, m, tol)


def calibrate(groups: Sequence[GroupOrders], strengths: Sequence[np.ndarray]) -> list[np.ndarray]:
    r"""Log-strengths as intensities: x̄ + b·log λ of each group, with the one b that fits x best over all
    groups.

    The truth x is used to find b, so the slope says nothing any more; the RMSE says whether the *spacing*
    is right.
    """
    x = [g.intensity - g.intensity.mean() for g in groups]
    product = sum(float(v @ t) for v, t in zip(x, strengths, strict=True))
    square = sum(float(t @ t) for t in strengths)
    b = product / square if square else 0.0
    return [g.intensity.mean() + b * t for g, t in zip(groups, strengths, strict=True)]


def _check(positions: np.ndarray, prior: float) -> np.ndarray:
    positions = np.asarray(positions, dtype=float).round(9)
    if positions.ndim != 2 or positions.shape[1] < 2:
        raise ValueError(f"expected orders of shape (observers, clips ≥ 2), got {positions.shape}")
    if not prior > 0:
        raise ValueError(f"the prior must be positive (without it a unanimous order has no fit), got {prior}")
    return positions


def _iterate(step, m: int, tol: float, n_max: int = 20_000) -> np.ndarray:
    theta = np.zeros(m)
    for _ in range(n_max):
        new = np.log(step(np.exp(theta)))
        new -= new.mean()
        if np.abs(new - theta).max() < tol:
            return new
        theta = new
    return theta
