r"""CSS: how surely the lips and the sound of a film belong together (section 5.3), by a network like SyncNet.

A network gives one vector per window of five frames and one per 0.2 s of sound. The sound is shifted against
the picture by -15 to 15 windows (31 offsets). At each, the L2 distance of the vectors is averaged over the
film. In sync, one offset stands out: **confidence = median - minimum** of the 31 distances, and the offset of
the minimum is reported. A positive offset means that the sound is early, a negative one that it is late:
sound three frames late gives -3.

How it misleads: it is noisy on clips of a few seconds, so print the real film's beside it, and shuffled
sound's as the control. The two treatments of the ends give different numbers, most of all on short clips: on
the built-in actor's held-out sentence, by a network of :mod:`dnt_core.training.sync_network`, "zeros" gave
7 % less than "existing" on 76 windows and 28 % less on 40.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

MAX_SHIFT = 15  # windows, to either side

Edges = Literal["zeros", "existing"]


@dataclass(frozen=True)
class SyncConfidence:
    r"""What the search over offsets found.

    Attributes:
        confidence: median - minimum of the distances; higher: more surely in sync. The paper's CSS.
        offset: in frames, shift 0 when in sync; negative: the sound is late.
        distance: the minimum; lower: nearer (others call it LSE-D).
        distances: (2 max_shift + 1,) mean distance with the sound taken ``shift`` windows later than the
            picture, for shift = -max_shift … max_shift.
        windows: how many windows of the picture were compared.
    """

    confidence: float
    offset: int
    distance: float
    distances: Tensor
    windows: int


def sync_confidence(
    lips: Tensor, sound: Tensor, max_shift: int = MAX_SHIFT, edges: Edges = "existing"
) -> SyncConfidence:
    r"""Confidence and offset from the two rows of vectors.

    Args:
        lips: (N, D), one vector per window of the picture, in time.
        sound: (N, D), one vector per window of the sound, in time.
        max_shift: windows to either side, >= 1.
        edges: what stands for sound before the first and after the last window. "zeros": vectors of zeros, as
            in the original; comparable with published numbers, but at large shifts the zeros enter the mean,
            which lowers the confidence of short clips. "existing": each shift is averaged over the pairs
            whose windows both exist; use it for clips of a few seconds, and say so.

    Raises:
        ValueError: different or wrong shapes, NaN, an unknown word, or too few windows: at least one for
            "zeros", 2 max_shift + 1 for "existing" (31, which is 1.4 s at 25 frames per second).
    """
    if lips.ndim != 2 or lips.shape != sound.shape:
        raise ValueError(
            f"expected lips and sound (N, D) of one shape, got {tuple(lips.shape)} and {tuple(sound.shape)}"
        )
    if edges not in ("zeros", "existing"):
        raise ValueError(f"edges must be 'zeros' or 'existing', got {edges!r}")
    if max_shift < 1:
        raise ValueError(f"max_shift must be at least 1, got {max_shift}")
    count, least = len(lips), 1 if edges == "zeros" else 2 * max_shift + 1
    if count < least:
        raise ValueError(
            f"the clip has {count} windows of five frames, expected at least {least} with edges={edges!r}"
        )
    if not torch.isfinite(lips).all() or not torch.isfinite(sound).all():
        raise ValueError("the vectors hold NaN or infinity")
    means = []
    for shift in range(-max_shift, max_shift + 1):
        # windows of the picture that have a partner
        first, last = min(max(0, -shift), count), max(min(count, count - shift), 0)
        distances = (lips[first:last] - sound[first + shift : last + shift]).norm(dim=1)
        if edges == "existing":
            means.append(distances.mean())
        else:
            alone = torch.cat([lips[:first], lips[max(first, last) :]]).norm(dim=1)
            means.append((distances.sum() + alone.sum()) / count)
    distances = torch.stack(means)
    nearest = int(distances.argmin())
    return SyncConfidence(
        confidence=float(distances.median() - distances[nearest]),
        offset=max_shift - nearest,
        distance=float(distances[nearest]),
        distances=distances,
        windows=count,
    )
