r"""The lips that speak, frame by frame, from the sound as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from dnt_core.audio.lip_motion import HEARD, LOUDEST, QUIETEST
from dnt_core.talking.sounds import Sound

_LONGER = 0.5  # s by which given lips may outlast the sound without a word


def lip_frames(lips, sound: Sound, fps: float, frames: int) -> Iterator[np.ndarray]:
    r"""Neutral expression numbers in pieces (k, 64), ``frames`` rows in all.

    Args:
        lips: a :class:`~dnt_core.audio.lip_motion.LipMotion`. One that has ``stream(rate, fps)`` hears the
            sound block by block, and its frames leave while the sound is read; another one gets the whole
            sound. A sound whose level, clicks aside, is below :data:`~dnt_core.audio.lip_motion.HEARD` is
            raised to it.
        fps: frames per second.
    """
    left = frames
    for rows in _pieces(lips, sound, fps, frames):
        if not np.isfinite(rows).all():
            raise ValueError(f"the lips are NaN or infinite near frame {frames - left}")
        if len(rows) and left:
            yield rows[:left]
            left -= len(rows[:left])
    if left:
        raise ValueError(f"the lips end {left} frames before the sound, which takes {frames}")


def _pieces(lips, sound: Sound, fps: float, frames: int) -> Iterator[np.ndarray]:
    blocks = sound.blocks()
    if (level := max(sound.level, QUIETEST)) < HEARD:
        gain, offset = np.float32(HEARD / level), np.float32(sound.offset)
        blocks = (np.clip(gain * (block - offset), -LOUDEST, LOUDEST) for block in blocks)
    if not hasattr(lips, "stream"):
        yield lips(np.concatenate(list(blocks)), sound.rate, fps, frames)
        return
    stream = lips.stream(sound.rate, fps)
    # a second at a time: the network hears seconds of context anew with every piece
    while some := list(islice(blocks, 4)):
        yield stream.feed(np.concatenate(some))
    yield stream.finish(frames)


def in_tenths(before: str, after: str, tell: Callable[[str], None]) -> Callable[[int, int], None]:
    r"""A progress (done, total) that is told ten times, as "before 3 of 30 after"."""
    told = 0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if done * 10 // total > told:
            told = done * 10 // total
            tell(f"{before} {done} of {total} {after}")

    return progress


def left_out(lips, sound: Sound) -> str:
    r"""What to say of the times of lips, or "": they may go on well after the sound."""
    last, said = getattr(lips, "seconds", 0.0), [getattr(lips, "note", "")]
    if last >= sound.seconds + _LONGER:
        lasts = f"the lips last {last:.1f} s, the sound {sound.seconds:.1f} s"
        said.append(f"{lasts}: what they say behind it is left out")
    return "; ".join(filter(None, said))


class SpeechLips:
    r"""The lips of a sentence that the built-in actor says; a :class:`~dnt_core.audio.lip_motion.LipMotion`.

    Args:
        speech: the sentence as it is said; nothing is heard, everything is known.
    """

    face_model = "procedural"

    def __init__(self, speech) -> None:
        self.speech = speech

    def __call__(self, sound: np.ndarray, rate: int, fps: float, frames: int) -> np.ndarray:
        r"""See :class:`~dnt_core.audio.lip_motion.LipMotion`."""
        from dnt_core.actor.speech import mouth_movements
        from dnt_core.face3d.procedural.bases import movements_to_expression
        from dnt_core.face3d.procedural.movements import movement_weights

        mouth = mouth_movements(self.speech, fps, frames)
        lips = [name for name in mouth if name != "tongueUp"]
        weights = sum(np.outer(mouth[name], movement_weights({name: 1.0})) for name in lips)
        return movements_to_expression(weights).astype(np.float32)
