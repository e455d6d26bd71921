r"""How sure is a mean over clips, and a difference of two? Percentile bootstrap over whole clips.

Frames of one clip resemble each other, so that counting them singly makes intervals far too narrow: the clip
is what is drawn again. How it misleads: it knows nothing of clips, actors and seeds that were not there. A
mean over several seeds draws seeds as well; with three of them that is a rough guess.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

RESAMPLES = 4000


class Interval(NamedTuple):
    r"""A mean and the ends of its interval."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        r"""Whether zero lies outside."""
        return self.low > 0 or self.high < 0


def clip_interval(
    values: np.ndarray, level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    r"""The mean of clips and its interval.

    Args:
        values: (clips,) or (seeds, clips): a number per clip, NaN where it has none.
        level: of confidence.
        resamples: more: steadier ends.
        seed: of the resampling; the same seed draws the same clips of any table of as many.

    Raises:
        ValueError: another shape, no clip, a clip that no seed has a number of.
    """
    table = np.atleast_2d(np.asarray(values, float))
    table = table[:, ~np.isnan(table).all(0)]
    if table.ndim != 2 or not table.size:
        raise ValueError(
            f"expected numbers (clips,) or (seeds, clips), got {np.shape(values)} without a number"
        )
    rng = np.random.default_rng(seed)
    seeds, clips = table.shape
    chosen = rng.integers(0, clips, (resamples, clips))
    if seeds == 1:
        means = np.nanmean(table[0][chosen], 1)
    else:
        rows = rng.integers(0, seeds, (resamples, seeds))
        per_seed = np.nanmean(table[:, chosen], 2)  # (seeds, resamples)
        means = np.take_along_axis(per_seed.T, rows, 1).mean(1)
    low, high = np.nanpercentile(means, (50 * (1 - level), 50 * (1 + level)))
    return Interval(float(np.nanmean(table, 1).mean()), float(low), float(high))


def paired_interval(
    a: np.ndarray, b: np.ndarray, level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    r"""The mean difference a − b on the same clips, and its interval.

    Args:
        a, b: (clips,) or (seeds, clips) each. With as many seeds on both sides they are paired, seed by seed;
            otherwise each side is averaged over its seeds.

    Raises:
        ValueError: unequally many clips.
    """
    a, b = (np.atleast_2d(np.asarray(x, float)) for x in (a, b))
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"expected the same clips on both sides, got {a.shape[1]} and {b.shape[1]}")
    if len(a) != len(b):
        a, b = a.mean(0, keepdims=True), b.mean(0, keepdims=True)
    return clip_interval(a - b, level, resamples, seed)
