r"""When a face that speaks blinks, and how: what is not heard, and moves all the same."""

from __future__ import annotations

import numpy as np

_BLINK_WIDTH, _SHORTEST_GAP, _MEAN_GAP = 0.075, 0.6, 2.6  # s; as the actor blinks
_BLINK = 0.95  # of the movement eyeBlink, at a blink's height


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
