r"""The face that speaks, frame by frame: lips from the sound as it comes, and eyes that blink."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dnt_core.talking.sounds import Sound

_BLINK_WIDTH, _SHORTEST_GAP, _MEAN_GAP = 0.075, 0.6, 2.6  # s; as the actor blinks
_BLINK = 0.95  # of the movement eyeBlink, at a blink's height
_WIDEST = {"jawOpen": 0.36, "mouthLowerDown": 0.3}  # and beyond it the hole is cut anew


def lip_frames(lips, sound: Sound, fps: float, frames: int) -> Iterator[np.ndarray]:
    r"""Neutral expression numbers in pieces (k, 64), ``frames`` rows in all.

    Args:
        lips: a :class:`~dnt_core.audio.lip_motion.LipMotion`. One that has ``stream(rate, fps)`` hears the
            sound block by block, and its frames leave while the sound is read; another one gets the whole
            sound.
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
    if not hasattr(lips, "stream"):
        yield lips(np.concatenate(list(sound.blocks())), sound.rate, fps, frames)
        return
    stream = lips.stream(sound.rate, fps)
    for block in sound.blocks():
        yield stream.feed(block)
    yield stream.finish(frames)


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


class BlinkTrain:
    r"""Blinks one after the other, for any number of frames; the same seed, the same blinks.

    Args:
        fps: frames per second.
        seed: of the times.
    """

    def __init__(self, fps: float, seed: int = 0) -> None:
        self._fps, self._random = fps, np.random.default_rng(seed)
        self._before, self._at = -np.inf, self._random.uniform(0.8, 2.5)
        self._frame = 0

    def __next__(self) -> float:
        r"""How far the eyes are closed in the next frame, [0, 1]."""
        time = self._frame / self._fps
        self._frame += 1
        while time > self._at + 0.5:
            self._before = self._at
            self._at += _SHORTEST_GAP + self._random.exponential(_MEAN_GAP)
        near = min(abs(time - self._at), abs(time - self._before))
        closed = float(np.exp(-1.2 * (near / _BLINK_WIDTH) ** 2))
        return closed if closed > 0.05 else 0.0


def blink_expression(face_model: str) -> np.ndarray:
    r"""(64,) what a blink adds to the expression numbers; zeros where the face model has no such movement
    known."""
    if face_model.partition(":")[0] != "procedural":
        return np.zeros(64, np.float32)
    from dnt_core.face3d.procedural.bases import movements_to_expression
    from dnt_core.face3d.procedural.movements import movement_weights

    return movements_to_expression(movement_weights({"eyeBlink": _BLINK})).astype(np.float32)


def widest_mouth(face_model: str) -> np.ndarray | None:
    r"""(64,) a mouth open as wide as speech opens it; None where the face model has no such movement
    known."""
    if face_model.partition(":")[0] != "procedural":
        return None
    from dnt_core.face3d.procedural.bases import movements_to_expression
    from dnt_core.face3d.procedural.movements import movement_weights

    return movements_to_expression(movement_weights(_WIDEST)).astype(np.float32)
