r"""The mouth in step with the sound: poses blended over time, lips that really close."""

from __future__ import annotations

import numpy as np

from .phonemes import SILENCE
from .timeline import frame_times
from .timing import Segment
from .utterance import Speech
from .visemes import DOMINANCE, MOUTH_MOVEMENTS, ORGANS, VISEMES

# s: how far a pose is felt beyond its sound; higher: more coarticulation. Rounding is planned well ahead.
REACH = {"jaw": 0.07, "rounding": 0.085, "corners": 0.075, "lips": 0.055, "tongue": 0.055}
CLOSING, OPENING = 0.085, 0.075  # s the lips take to meet before a closure and to part after it
TOO_SHORT_TO_PART = 0.04  # s between two closures that are made as one
_STRESS = {0: 0.8, 1: 1.0, 2: 0.9}  # how far unstressed vowels are carried out
_PART_LIPS = ("mouthFunnel", "mouthLowerDown", "mouthUpperUp")  # nothing of these while the lips are closed


class MouthMovements(dict):
    r"""Movement name → (T,) float64 in [0, 1], in the order of `MOUTH_MOVEMENTS`.

    Attributes:
        movements: movement's name → (T,) in [0, 1].
        closed: (T,) bool, frames in which the lips must be closed (p, b, m; not the rest between sentences).
    """

    def __init__(self, movements: dict[str, np.ndarray], closed: np.ndarray):
        super().__init__(movements)
        self.closed = closed


def mouth_movements(speech: Speech, fps: float, n_frames: int) -> MouthMovements:
    r"""The mouth of a speaker, frame by frame; frame i shows time i / fps.

    Dominance functions after Cohen & Massaro (1993): every sound $s$ pulls every movement towards its pose
    $T_s$ with $D_s(t) = \alpha_s \exp(-(\tau_s(t)/\theta)^2)$, $\tau_s$ the time outside the sound's core,
    and the movement is $\sum_s D_s T_s / \sum_s D_s$. On top, the lips of p, b, m: a closure $c(t)$ that is
    exactly 1 while the sound is shut, with `mouthClose` $= c \cdot$ `jawOpen`, so that the lips meet however
    far the jaw is open, and nothing that parts them.

    Args:
        speech: a synthesised sentence.
        fps: frames per second, > 0.
        n_frames: frames wanted, >= 0; after the speech the mouth rests (all movements 0, lips lightly
            together).

    Returns:
        `MouthMovements`.

    Raises:
        ValueError: fps that is not a positive number.
    """
    times = frame_times(n_frames, fps)
    poses = _poses(speech.segments)
    outside = np.stack([np.maximum(np.maximum(a - times, times - b), 0.0) for _, _, a, b in poses])  # (S, T)
    movements = {}
    for organ, names in ORGANS.items():
        exponent = (outside / REACH[organ]) ** 2
        reach = np.exp(exponent.min(axis=0) - exponent)  # relative to the nearest pose; no quotient changes
        dominance = reach * np.array([DOMINANCE[symbol][organ] for symbol, _, _, _ in poses])[:, None]
        dominance /= dominance.sum(axis=0)
        for name in names:
            movements[name] = np.array([pose.get(name, 0.0) for _, pose, _, _ in poses]) @ dominance
    closure, closed = lip_closure(speech.segments, times)
    for name in _PART_LIPS:
        movements[name] = movements[name] * (1.0 - closure)
    movements["mouthPress"] = movements["mouthPress"] * closure
    movements["mouthClose"] = movements["jawOpen"] * closure
    return MouthMovements({name: np.clip(movements[name], 0.0, 1.0) for name in MOUTH_MOVEMENTS}, closed)


def lip_closure(segments: tuple[Segment, ...], times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""How closed p, b and m hold the lips.

    Args:
        segments: the sentence in time.
        times: (T,) s.

    Returns:
        (T,) closure in [0, 1], exactly 1 within a closure, and (T,) bool, where that is.
    """
    parted, closed = np.ones(times.size), np.zeros(times.size, bool)
    closures = _merged([segment.lip_closure for segment in segments if segment.lip_closure is not None])
    ends = [-np.inf, *(end for _, end in closures)]
    starts = [*(start for start, _ in closures), np.inf]
    for k, (start, end) in enumerate(closures):
        # in a short vowel the lips hurry, or they would not part
        closing = min(CLOSING, 0.6 * (start - ends[k]))
        opening = min(OPENING, 0.6 * (starts[k + 1] - end))
        away = np.maximum((start - times) / closing, (times - end) / opening)
        parted *= 0.5 - 0.5 * np.cos(np.pi * np.clip(away, 0.0, 1.0))
        closed |= away <= 0
    return 1.0 - parted, closed


def _merged(closures):
    """Closures in time, those between which the lips have no time to part made one."""
    merged = []
    for start, end in closures:
        if merged and start - merged[-1][1] < TOO_SHORT_TO_PART:
            start = merged.pop()[0]
        merged.append((start, end))
    return merged


def _poses(segments: tuple[Segment, ...]):
    """(symbol, pose, core start, core end) of every pose; a diphthong gives two."""
    poses = []
    for segment in segments:
        share = _STRESS[segment.stress] if segment.phoneme.is_vowel else 1.0
        targets = [{name: share * value for name, value in pose.items()} for pose in VISEMES[segment.symbol]]
        start, end, d = segment.start, segment.end, segment.duration
        if segment.symbol == SILENCE:
            # the mouth opens a little before the sound and closes a little after it
            quiet = min(0.06, 0.5 * d)
            first, last = segment is segments[0], segment is segments[-1]
            cores = ((-np.inf if first else start + quiet, np.inf if last else end - quiet),)
        elif len(targets) == 1:
            cores = ((start + 0.25 * d, start + 0.75 * d),)
        else:
            cores = ((start + 0.2 * d, start + 0.4 * d), (start + 0.8 * d, start + 0.9 * d))
        poses += [(segment.symbol, target, *core) for target, core in zip(targets, cores, strict=True)]
    return poses
