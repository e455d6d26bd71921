r"""The movements that speech makes of a mouth, and their 64 expression numbers on the built-in face."""

from __future__ import annotations

from functools import cache

import numpy as np

from dnt_core.face3d.procedural.bases import movements_to_expression
from dnt_core.face3d.procedural.movements import movement_weights

#: The movements of the actor's speech that move the face, in the order of every (…, 11) array here.
LIP_MOVEMENTS = (
    "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthPress", "mouthStretch", "mouthRollLower",
    "mouthRollUpper", "mouthLowerDown", "mouthUpperUp", "mouthSmile",
)  # fmt: skip
_WIDEST = {"jawOpen": 0.36, "mouthLowerDown": 0.3}  # at their widest in speech


@cache
def movement_basis() -> np.ndarray:
    r"""(11, 64) the expression numbers of each of :data:`LIP_MOVEMENTS` at its full extent, read-only."""
    basis = np.stack([movements_to_expression(movement_weights({name: 1.0})) for name in LIP_MOVEMENTS])
    basis.flags.writeable = False
    return basis


def to_expression(movements: np.ndarray) -> np.ndarray:
    r"""Movements as expression numbers of the built-in ("procedural") face model.

    Args:
        movements: (T, 11) in [0, 1], in the order of :data:`LIP_MOVEMENTS`.

    Returns:
        (T, 64) float32; the eyes and brows rest.
    """
    return (np.asarray(movements, np.float64) @ movement_basis()).astype(np.float32)


def widest_mouth(face_model: str) -> np.ndarray | None:
    r"""(64,) a mouth open as wide as speech opens it; None where the face model has no such movement
    known."""
    if face_model.partition(":")[0] != "procedural":
        return None
    return movements_to_expression(movement_weights(_WIDEST)).astype(np.float32)
