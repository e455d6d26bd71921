r"""Bradley–Terry and Plackett–Luce strengths of a group's clips, fitted beside s = Mx (beyond the paper).

Both give each clip a strength λ_i > 0. Bradley–Terry: i is placed above j with probability λ_i / (λ_i +
λ_j). Plackett–Luce: an order is made by choosing the strongest of those left, i with probability λ_i / Σ λ.
Unlike s, log λ does not shrink towards the mean as observers err; its unit (logits) shrinks instead.

If all observers agree the likelihood has no maximum, so each pair of clips is taken to have been compared
``prior`` more times, half with either result. Then it has one.

The package choix 0.4 gives the same strengths, to 2e-9: Bradley–Terry from the matrix of wins; Plackett–Luce,
which takes whole orders only, from each order given four times and each pair of clips as an order of two, in
either direction once (for a prior of 0.5).
"""

from __future__ import annotations

import numpy as np
from scipy.special import softmax


def bradley_terry(positions: np.ndarray, prior: float = 0.5) -> np.ndarray:
    r"""Centred log-strengths (m,) from orders (k, m) of places; larger place = stronger, a tied pair is
    half a win.

    ValueError for a prior that is not positive, or orders of the wrong shape or with NaN.
    """
    positions = _check(positions, prior)
    above = positions[:, :, None] - positions[:, None, :]  # (k, m, m), > 0 where i is above j
    wins = ((above > 0) + 0.5 * (above == 0)).sum(axis=0) + prior / 2
    pairs, stronger, weaker = _pairs(positions.shape[1])
    return _likeliest(pairs, stronger, wins[stronger, weaker])


def plackett_luce(positions: np.ndarray, prior: float = 0.5) -> np.ndarray:
    r"""Centred log-strengths (m,) from orders (k, m) of places, the strongest chosen first.

    ValueError for ties, a prior that is not positive, or orders of the wrong shape or with NaN.
    """
    positions = _check(positions, prior)
    places = np.sort(positions, axis=1)
    if (np.diff(places, axis=1) == 0).any():
        raise ValueError("Plackett–Luce needs orders without ties")
    m = positions.shape[1]
    left = (positions[:, None] <= places[:, :0:-1, None]).reshape(-1, m)  # at each choice, the last left out
    chosen = np.argsort(-positions, axis=1)[:, :-1].ravel()
    pairs, stronger, _ = _pairs(m)
    times = np.repeat([1.0, prior / 2], [len(chosen), len(pairs)])
    return _likeliest(np.concatenate([left, pairs]), np.concatenate([chosen, stronger]), times)


def _check(positions: np.ndarray, prior: float) -> np.ndarray:
    positions = np.asarray(positions, dtype=float).round(9)
    if positions.ndim != 2 or positions.shape[1] < 2:
        raise ValueError(f"expected orders of shape (observers, clips ≥ 2), got {positions.shape}")
    if not prior > 0:
        raise ValueError(f"the prior must be positive (without it a unanimous order has no fit), got {prior}")
    if not np.isfinite(positions).all():
        raise ValueError("the orders hold NaN or infinity; expected the place of each clip")
    return positions


def _pairs(m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ordered pairs of m clips: as sets (m·(m−1), m) bool, the first of each, the second of each."""
    first, second = np.nonzero(~np.eye(m, dtype=bool))
    one = np.eye(m, dtype=bool)
    return one[first] | one[second], first, second


def _likeliest(sets: np.ndarray, chosen: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Centred log-strengths (m,) that make choices likeliest: ``chosen`` (n,) out of sets (n, m), ``times``
    (n,) each. By Newton's method, at most 1 per step."""
    m = sets.shape[1]
    theta, wins = np.zeros(m), np.bincount(chosen, times, m)
    for _ in range(1000):
        p = softmax(np.where(sets, theta, -np.inf), axis=1)
        bend = np.diag(times @ p) - (times[:, None] * p).T @ p  # 0 along (1, …, 1), where nothing changes
        step = np.linalg.solve(bend + 1, wins - times @ p)
        theta += step / max(1, np.abs(step).max())
        if np.abs(step).max() < 1e-7:  # of which the next one would be about the square
            return theta - theta.mean()
    raise ValueError("the strengths of these orders were not found in 1000 steps")
