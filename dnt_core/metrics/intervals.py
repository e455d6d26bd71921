r"""How sure is a mean: of a few folds or seeds, of frames that lie in clips, of clips, of a difference?

Frames of one clip resemble each other, so that counting them singly makes intervals far too narrow: the clip
is what is drawn again. How it misleads: it knows nothing of clips, actors and seeds that were not there. A
mean over several seeds draws seeds as well; with three of them that is a rough guess.

:func:`mean_interval` takes independent numbers, :func:`fold_interval` one per fold of a cross-validation,
:func:`interval_over_clips` a mean over frames in which long clips count more, :func:`clip_interval` and
:func:`paired_interval` a number per clip, each clip alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

DRAWS = 2000
RESAMPLES = 4000


def mean_interval(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    r"""95 % interval of the mean of a few independent numbers by Student's t, such as one per fold or seed.

    Folds share their training frames, so they are not independent: see :func:`fold_interval`.

    Args:
        values: (n,) one number each.

    Returns:
        low, high; (NaN, NaN) for a single number.

    Raises:
        ValueError: a table instead of a row of numbers.
    """
    values = np.asarray(values, float)
    if values.ndim != 1:
        raise ValueError(f"expected independent numbers (n,), got {values.shape}")
    if len(values) < 2:
        return float("nan"), float("nan")
    half = stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def fold_interval(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    r"""95 % interval of the mean over the folds of a cross-validation, widened because folds share frames.

    Two nets of k folds share most of their training frames, so their numbers are not independent and
    Student's interval is too narrow. Nadeau and Bengio (2003, "Inference for the generalization error")
    replace the variance s²/k of the mean by s² (1/k + tested frames / training frames), here
    s² (1/k + 1/(k − 1)).

    Args:
        values: (k,) one number per fold. Where only some of the folds were tested, the interval is wider than
            it need be.

    Returns:
        low, high; (NaN, NaN) for a single fold.
    """
    low, high = mean_interval(values)
    mean, half = (low + high) / 2, (high - low) / 2 * overlap_factor(len(values))
    return mean - half, mean + half


def overlap_factor(folds: int) -> float:
    r"""How many times wider than Student's the interval of :func:`fold_interval` is.

    Args:
        folds: k.

    >>> round(overlap_factor(10), 2), round(overlap_factor(4), 2)
    (1.45, 1.53)
    """
    return float(np.sqrt(1 + folds / (folds - 1))) if folds > 1 else float("nan")


def interval_over_clips(
    values: np.ndarray, clips: np.ndarray, draws: int = DRAWS, seed: int = 0
) -> tuple[float, float]:
    r"""95 % interval of a mean over frames: whole clips are drawn with replacement (cluster bootstrap).

    Frames of one clip are alike, so an interval over frames would be too narrow. With few clips the interval
    is rough, and one clip says nothing of the next.

    Args:
        values: (N,) one number per frame; NaN and infinity do not count.
        clips: (N,) the clip of each frame, any labels.
        draws: how often clips are drawn. seed: of the draws.

    Returns:
        low, high; widened where needed to hold the mean; (NaN, NaN) for one clip.

    Raises:
        ValueError: no value that counts, or another number of clips than of values.
    """
    values, clips = np.asarray(values, float), np.asarray(clips)
    if values.ndim != 1 or values.shape != clips.shape:
        raise ValueError(f"expected values (N,) and the clip of each, got {values.shape} and {clips.shape}")
    counts = np.isfinite(values)
    if not counts.any():
        raise ValueError("an interval of no values; expected at least one finite number")
    values, clips = values[counts], clips[counts]
    return ratio_interval(values, np.ones_like(values), clips, draws, seed)


def ratio_interval(
    parts: np.ndarray, wholes: np.ndarray, clips: np.ndarray, draws: int = DRAWS, seed: int = 0
) -> tuple[float, float]:
    r"""95 % interval of Σ parts / Σ wholes over frames, such as a ratio of energies; whole clips are drawn.

    Args:
        parts: (N,) one number per frame.
        wholes: (N,) one number per frame, at least 0, above it in some; draws without any do not count.
        clips: (N,) the clip of each frame, any labels.
        draws: how often clips are drawn.
        seed: of the draws.

    Returns:
        low, high; widened where needed to hold the ratio; (NaN, NaN) for one clip.
    """
    names, which = np.unique(clips, return_inverse=True)
    if len(names) < 2:
        return float("nan"), float("nan")
    above, below = np.bincount(which, parts), np.bincount(which, wholes)
    generator = np.random.default_rng(seed)
    times = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    parts, wholes = times @ above, times @ below
    low, high = np.quantile(parts[wholes > 0] / wholes[wholes > 0], (0.025, 0.975))
    ratio = above.sum() / below.sum()
    return min(float(low), float(ratio)), max(float(high), float(ratio))


class Interval(NamedTuple):
    r"""A mean and the ends of its interval; NaN where they cannot be told."""

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
    r"""The mean of clips and its interval; NaN for the ends where but one clip has a number, which says
    nothing of the next.

    Args:
        values: (clips,) or (seeds, clips): a number per clip, NaN where it has none.
        level: of confidence.
        resamples: more: steadier ends.
        seed: of the resampling; the same seed draws the same clips of any table of as many.

    Raises:
        ValueError: another shape, no clip, a clip that no seed has a number of.
    """
    table = np.atleast_2d(np.asarray(values, float))
    if table.ndim == 2:  # a clip, and a seed, that no number was measured of
        table = table[:, ~np.isnan(table).all(0)]
        table = table[~np.isnan(table).all(1)]
    if table.ndim != 2 or not table.size:
        raise ValueError(
            f"expected numbers (clips,) or (seeds, clips), got {np.shape(values)} without a number"
        )
    rng = np.random.default_rng(seed)
    seeds, clips = table.shape
    mean = float(np.nanmean(table, 1).mean())
    if clips == 1:
        return Interval(mean, float("nan"), float("nan"))
    chosen = rng.integers(0, clips, (resamples, clips))
    if seeds == 1:
        means = np.nanmean(table[0][chosen], 1)
    else:
        rows = rng.integers(0, seeds, (resamples, seeds))
        per_seed = np.nanmean(table[:, chosen], 2)  # (seeds, resamples)
        means = np.take_along_axis(per_seed.T, rows, 1).mean(1)
    low, high = np.nanpercentile(means, (50 * (1 - level), 50 * (1 + level)))
    return Interval(mean, float(low), float(high))


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
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"expected the same clips on both sides, got {a.shape} and {b.shape}")
    if len(a) != len(b):
        a, b = _over_seeds(a), _over_seeds(b)
    return clip_interval(a - b, level, resamples, seed)


def _over_seeds(table: np.ndarray) -> np.ndarray:
    r"""(seeds, clips) → (1, clips), of the seeds that have a number of the clip; NaN where none has."""
    there = ~np.isnan(table)
    sums, seeds = np.where(there, table, 0).sum(0, keepdims=True), there.sum(0, keepdims=True)
    return np.divide(sums, seeds, out=np.full(sums.shape, np.nan), where=seeds > 0)
