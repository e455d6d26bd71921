r"""How sure are s, slope, RMSE and τ: bootstrap over observers, and how many observers are enough (beyond
the paper).

Whole observers are drawn with replacement, each with all the orders he or she gave, since the orders of one
person hang together. Two limits: if all observers agree the intervals have no width, which is no proof that
the next one would agree; and resampling adds chance to an RMSE, so the squares of the resampled RMSEs are
moved down until their mean is that of the sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from dnt_core.studies.perceptual_study.orders import GroupOrders
from dnt_core.studies.perceptual_study.score import group_score, kendall_tau, rmse, score

Interval = tuple[float, float]


@dataclass(frozen=True)
class Intervals:
    r"""Percentile intervals: ``score`` holds for each group an array (2, m), the others are pairs."""

    score: list[np.ndarray]
    slope: Interval
    rmse: Interval
    tau: Interval


def bootstrap(
    groups: Sequence[GroupOrders], n_resamples: int = 2000, level: float = 0.95, seed: int = 0
) -> Intervals:
    r"""Intervals over observers of the scores of some groups; NaN where there is but one observer, and for
    the scores of a group that one observer alone has ordered: nothing says what the next one would.

    Args:
        groups: the groups scored together; an observer need not have ordered all of them.
        n_resamples: bootstrap samples.
        level: of confidence, e.g. 0.95.
        seed: of the resampling.
    """
    if not 0 < level < 1 or n_resamples < 1:
        raise ValueError(f"expected a level in (0, 1) and n_resamples ≥ 1, got {level} and {n_resamples}")
    names = _observers(groups)
    if len(names) < 2:
        nothing = (float("nan"), float("nan"))
        return Intervals([np.full((2, len(g.clips)), np.nan) for g in groups], nothing, nothing, nothing)
    counts = _resample(len(names), len(names), n_resamples, seed)
    scores = _resampled_scores(groups, names, counts)
    tails = (50 * (1 - level), 50 * (1 + level))

    def interval(values: np.ndarray) -> Interval:
        low, high = np.nanpercentile(values, tails)
        return float(low), float(high)

    top, bottom, squares, n, taus, orders = (np.zeros(n_resamples) for _ in range(6))
    for g, s in zip(groups, scores, strict=True):
        there = ~np.isnan(s[:, 0])  # resamples in which somebody ordered this group
        centred = g.intensity - g.intensity.mean()
        top[there] += (s[there] - g.intensity.mean()) @ centred
        bottom[there] += centred @ centred
        squares[there] += ((s[there] - g.intensity) ** 2).sum(axis=1)
        n[there] += len(centred)
        drawn = counts[:, [names.index(o) for o in g.observers]]
        taus += drawn @ kendall_tau(g.positions)
        orders += drawn.sum(axis=1)
    x = [g.intensity for g in groups]
    with np.errstate(invalid="ignore"):
        mse = squares / n
        return Intervals(
            [
                np.nanpercentile(s, tails, axis=0)
                if len(g.observers) > 1
                else np.full((2, s.shape[1]), np.nan)
                for g, s in zip(groups, scores, strict=True)
            ],
            interval(top / bottom),
            interval(
                np.sqrt(
                    np.clip(mse - np.nanmean(mse) + rmse(x, [group_score(g) for g in groups]) ** 2, 0, None)
                )
            ),
            interval(taus / orders),
        )


def interval_widths(
    groups: Sequence[GroupOrders],
    ks: Sequence[int],
    n_resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> np.ndarray:
    r"""Width (len(ks),) of the intervals of s if k observers like these had been asked, for each k: root mean
    square over clips.

    Observers are drawn with replacement, so k may exceed their number; the width falls like 1/√k.
    """
    names = _observers(groups)
    tails = (50 * (1 - level), 50 * (1 + level))
    widths = []
    for k in ks:
        scores = _resampled_scores(groups, names, _resample(len(names), int(k), n_resamples, seed))
        bounds = [np.nanpercentile(s, tails, axis=0) for s in scores]
        widths.append(np.sqrt(np.mean(np.concatenate([high - low for low, high in bounds]) ** 2)))
    return np.array(widths)


def observers_for_width(groups: Sequence[GroupOrders], width: float, level: float = 0.95) -> int:
    r"""How many observers make the intervals of clips' scores ``width`` wide (root mean square over clips,
    as :func:`interval_widths`).

    The interval is about 2 z sd / √k, with sd the spread over observers of M_i x; at least 2.
    """
    if not width > 0:
        raise ValueError(f"the width of an interval must be positive, got {width}")
    if min(len(g.observers) for g in groups) < 2:
        raise ValueError(
            "the spread over observers cannot be told from one observer; expected two or more in each group"
        )
    variance = np.concatenate([np.var(score(g.matrices, g.intensity), axis=0, ddof=1) for g in groups]).mean()
    return max(2, int(np.ceil(variance * (2 * ndtri(0.5 + level / 2) / width) ** 2)))


def _observers(groups: Sequence[GroupOrders]) -> list[str]:
    return list(dict.fromkeys(o for g in groups for o in g.observers))


def _resample(n: int, k: int, n_resamples: int, seed: int) -> np.ndarray:
    r"""How often each of n observers is drawn when k are: (n_resamples, n)."""
    if k < 1:
        raise ValueError(f"expected k ≥ 1 observers, got {k}")
    return np.random.default_rng(seed).multinomial(k, np.full(n, 1 / n), size=n_resamples)


def _resampled_scores(groups, names: list[str], counts: np.ndarray) -> list[np.ndarray]:
    r"""s (n_resamples, m) of each group; NaN where none of the drawn observers ordered it."""
    place = {name: i for i, name in enumerate(names)}
    scores = []
    for g in groups:
        drawn = counts[:, [place[o] for o in g.observers]].astype(float)  # (B, k)
        total = drawn.sum(axis=1, keepdims=True)
        s = drawn @ score(g.matrices, g.intensity)  # (B, m)
        scores.append(np.divide(s, total, out=np.full_like(s, np.nan), where=total > 0))
    return scores
