r"""Which frame of a short clip stands behind frame k of a long film, with no jump, however long it lasts;
and which frames of a clip follow one another without a gap."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

TURN = 0.6  # s in which a clip that is played forwards and backwards comes to rest and sets off again
BRIDGED = 0.1  # s without landmarks, in which a detector lost the face for a moment


def looped(n_frames: int) -> np.ndarray:
    r"""The order of a clip whose last frame leads into its first: as it is."""
    return np.arange(n_frames)


def there_and_back(n_frames: int, fps: float) -> np.ndarray:
    r"""Forwards, then backwards, at an eased pace round the turning points, as a period of frame numbers
    (P,).

    The position moves with a speed of 1 frame per frame and of 0 at the turning points, between them with a
    speed that follows a cosine, so neither place nor speed jumps; every number differs by at most 1 from its
    neighbours, also over the period's end.

    Args:
        n_frames: of the clip, T >= 1.
        fps: frames per second.
    """
    last = n_frames - 1
    if last < 1:
        return np.zeros(1, int)
    # frames, even: each ramp covers half as many of the clip; a clip that is too short has a shorter one
    ramp = min(2 * max(1, round(TURN * fps / 2)), last)
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(ramp) + 0.5) / ramp)  # mean 1/2
    cruise = last - ramp  # frames at full speed, so that both ramps and it cover `last`
    speed = np.concatenate([rise, np.ones(cruise), rise[::-1]])
    way = np.concatenate([[0.0], np.cumsum(speed)])  # from 0 to last
    way *= last / way[-1]
    there = np.floor(way + 0.5 + 1e-9).astype(int)
    return np.concatenate([there[:-1], there[:0:-1]])


def longest_run(numbers: np.ndarray, bridged: int = 0) -> slice:
    r"""Where the most numbers stand that follow one another without a gap; (T,) rising, T at least 1.

    Args:
        numbers: of frames.
        bridged: so many numbers may be left out between two that still follow one another.

    Examples:
        >>> longest_run(np.array([0, 1, 4, 6, 7]), bridged=1)
        slice(2, 5, None)
    """
    edges = [0, *(np.flatnonzero(np.diff(numbers) > bridged + 1) + 1).tolist(), len(numbers)]
    return max((slice(a, b) for a, b in pairwise(edges)), key=lambda part: part.stop - part.start)


def without_short_gaps(shown: np.ndarray, bridged: int) -> np.ndarray:
    r"""(T,) bool: those that are shown, and up to ``bridged`` others between two of them.

    Examples:
        >>> without_short_gaps(np.array([0, 1, 0, 1, 0, 0, 1, 0], bool), bridged=1).astype(int).tolist()
        [0, 1, 1, 1, 0, 0, 1, 0]
    """
    filled = np.array(shown, bool)
    for before, after in pairwise(np.flatnonzero(filled)):
        if after - before <= bridged + 1:
            filled[before:after] = True
    return filled
