r"""What links a clip's frames: the prior of coefficients that change slowly, and the system that it gives."""

from __future__ import annotations

import numpy as np


def chain_prior(n_frames: int, step: float) -> tuple[np.ndarray, float]:
    r"""Weights of a stationary chain of coefficients: N(0, 1) in every frame, ``step`` apart between two.

    Its inverse covariance (an Ornstein-Uhlenbeck process seen once per frame) has ``pull`` + the links on
    the diagonal and -``link`` beside it.

    Args:
        n_frames: T.
        step: standard deviation of the change from frame to frame; the larger, the less frames are linked.

    Returns:
        pull (T,) of the squares themselves, and the link of the squared differences.

    Examples:
        >>> pull, link = chain_prior(3, 0.5)
        >>> precision = np.diag(pull + link * np.array([1, 2, 1])) - link * (np.eye(3, k=1) + np.eye(3, k=-1))
        >>> np.linalg.inv(precision).diagonal().round(9).tolist()
        [1.0, 1.0, 1.0]
    """
    if n_frames == 1:
        return np.ones(1), 0.0
    link = step**-2.0
    kept = (np.sqrt(step**4 + 4) - step**2) / 2  # correlation of neighbours: link = kept / (1 - kept^2)
    pull = np.full(n_frames, (1 - kept) / (1 + kept))
    pull[[0, -1]] = 1 / (1 + kept)
    return pull, link


def solve_chain(blocks: np.ndarray, link: np.ndarray, right: np.ndarray) -> np.ndarray:
    r"""A symmetric block-tridiagonal system whose blocks beside the diagonal are all ``diag(link)``.

    Args:
        blocks: (T, n, n). link: (n,). right: (T, n, m).

    Returns:
        (T, n, m).
    """
    if not link.any():
        return np.linalg.solve(blocks, right)
    n = blocks.shape[1]
    solved = np.empty_like(right)
    passed = np.empty((len(blocks), n, n))
    here, value = blocks[0], right[0]
    for t in range(len(blocks)):
        if t:
            here = blocks[t] - link[:, None] * passed[t - 1]
            value = right[t] - link[:, None] * solved[t - 1]
        both = np.linalg.solve(here, np.concatenate([value, np.diag(link)], axis=1))
        solved[t], passed[t] = both[:, :-n], both[:, -n:]
    for t in range(len(blocks) - 2, -1, -1):
        solved[t] -= passed[t] @ solved[t + 1]
    return solved
