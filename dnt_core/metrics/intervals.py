r"""How far a mean over frames scatters over the clips that the frames lie in."""

from __future__ import annotations

import numpy as np

DRAWS = 2000


def interval_over_clips(
    values: np.ndarray, clips: np.ndarray, draws: int = DRAWS, seed: int = 0
) -> tuple[float, float]:
    r"""95 % interval of a mean over frames: whole clips are drawn with replacement (cluster bootstrap).

    Frames of one clip are alike, so an interval over frames would be too narrow. With few clips the interval
    is rough, and with one clip it has no width.

    Args:
        values: (N,) one number per frame; NaN does not count.
        clips: (N,) the clip of each frame, any labels.
        draws: how often clips are drawn. seed: of the draws.

    Returns:
        low, high; widened where needed to hold the mean.

    Raises:
        ValueError: no value that counts.
    """
    values, clips = np.asarray(values, float), np.asarray(clips)
    counts = np.isfinite(values)
    if not counts.any():
        raise ValueError("an interval of no values; expected at least one finite number")
    values, (names, which) = values[counts], np.unique(clips[counts], return_inverse=True)
    sums, frames = np.bincount(which, values), np.bincount(which)
    generator = np.random.default_rng(seed)
    times = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    low, high = np.quantile(times @ sums / (times @ frames), (0.025, 0.975))
    mean = values.mean()
    return min(float(low), float(mean)), max(float(high), float(mean))
