r"""What muscles do: 53 measured facial movements (ARKit's names) and eleven local ones, fields over the face.

Each measured movement says how far 68 landmarks travel; a thin-plate spline spreads that over the skin, with
anchors where nothing moves. The seven expressions are combinations of movements (after the Facial Action
Coding System), speech is others; both use the mouth corners and the jaw, so their directions overlap as they
do in people.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dnt_core.cache.built_once import one_thread

from . import flat_domain

if TYPE_CHECKING:
    from scipy.interpolate import RBFInterpolator

MEASURED = tuple(flat_domain.measured()["expression_landmark_displacement"])
# name: (flat centre, radius in cm, displacement in cm); _L twins are mirrored from _R
_LOCAL = {
    "nostrilFlare_R": ((-1.7, -0.5), 0.8, (-0.25, 0.0, 0.05)),
    "corrugatorBulge_R": ((-1.3, 5.4), 0.9, (0.12, -0.08, 0.22)),
    "masseterClench_R": ((-7.5, -2.8), 1.8, (-0.25, 0.0, 0.12)),
    "cheekSuck_R": ((-4.6, -2.8), 1.9, (0.25, 0.0, -0.35)),
    "eyelidHood_R": ((-3.3, 4.7), 1.0, (0.0, -0.25, 0.12)),
}
_LOCAL |= {k[:-1] + "L": ((-c[0], c[1]), r, (-d[0], d[1], d[2])) for k, (c, r, d) in list(_LOCAL.items())}
_LOCAL["mentalisBulge"] = ((0.0, -6.0), 1.2, (0.0, 0.22, 0.28))
MOVEMENTS = MEASURED + tuple(_LOCAL)  # 64 names, the columns of every weight vector

# what the landmarks cannot say: the fullness of the cheeks, same form as _LOCAL
_FULLNESS = {
    "cheekPuff": [((4.6, -1.9), 2.1, (0.55, 0.0, 0.75))],
    "cheekSquint": [((4.3, 1.0), 1.5, (0.05, 0.30, 0.22))],
    "mouthSmile": [((4.2, 0.2), 1.7, (0.08, 0.22, 0.42)), ((3.6, -2.3), 1.0, (0.1, 0.05, -0.16))],
    "noseSneer": [((2.3, 0.6), 1.0, (0.0, 0.25, 0.12))],
}

# both sides unless a suffix says otherwise; value at intensity 1. A weight below 0 is the antagonist's pull:
# of browInnerUp what draws the inner ends of the brows down, of mouthShrugUpper what holds the upper lip
EMOTION_MOVEMENTS: dict[str, dict[str, float]] = {
    "angry": {
        "browDown": 1.75, "browInnerUp": -1.0, "corrugatorBulge": 1.0, "eyeSquint": 0.65, "eyeWide": 0.2,
        "nostrilFlare": 0.9, "mouthPress": 0.5, "mouthFrown": 0.6, "mouthRollUpper": 0.5,
        "mouthRollLower": 0.12, "mouthShrugUpper": -0.02, "mouthDimple": 0.2, "jawForward": 0.3,
        "masseterClench": 0.9,
    },
    "contempt": {
        "browDown_L": 0.35, "browOuterUp_R": 0.7, "eyeSquint": 0.4, "eyeBlink": 0.22, "cheekSquint_L": 0.6,
        "mouthSmile_L": 0.9, "mouthDimple_L": 0.7, "mouthUpperUp_L": 0.12, "mouthPress_R": 0.5,
        "mouthLeft": 0.16, "jawOpen": 0.03,
    },
    "disgusted": {
        "browDown": 0.7, "eyeSquint": 0.75, "eyeBlink": 0.18, "noseSneer": 1.0, "nostrilFlare": 0.5,
        "cheekSquint": 0.7, "mouthUpperUp": 0.75, "mouthFrown": 0.6, "mouthLowerDown": 0.15,
        "mouthShrugLower": 0.3,
    },
    "fear": {
        "browInnerUp": 1.3, "browDown": 0.8, "corrugatorBulge": 0.9, "eyeWide": 0.65, "eyeSquint": 0.45,
        "mouthStretch": 1.2, "mouthLowerDown": 1.05, "mouthUpperUp": 0.3, "mouthFrown": 0.35, "jawOpen": 0.1,
    },
    "happy": {
        "eyeSquint": 0.55, "cheekSquint": 0.9, "mouthSmile": 0.95, "mouthDimple": 0.2, "mouthUpperUp": 0.42,
        "jawOpen": 0.05,
    },
    "sad": {
        "browInnerUp": 1.15, "browDown": 0.3, "corrugatorBulge": 0.5, "eyeBlink": 0.32, "eyelidHood": 0.6,
        "cheekSquint": 0.2, "mouthFrown": 0.95, "mouthShrugLower": 0.45, "mouthShrugUpper": 0.57,
        "mentalisBulge": 0.8,
    },
    "surprised": {
        "browInnerUp": 1.0, "browOuterUp": 1.0, "eyeWide": 1.0, "mouthFunnel": 0.22, "jawOpen": 0.30,
    },
    "neutral": {},
}  # fmt: skip


def movement_weights(named: dict[str, float]) -> np.ndarray:
    r"""``{"mouthSmile": 0.5, "browDown_L": 1}`` → (64,) weights; a name without side means both sides.

    Raises:
        ValueError: a name that is no movement.
    """
    weights = np.zeros(len(MOVEMENTS))
    for name, value in named.items():
        targets = [name] if name in MOVEMENTS else [f"{name}_{side}" for side in "LR"]
        if targets[0] not in MOVEMENTS:
            raise ValueError(f"unknown facial movement {name!r}; known: {', '.join(MOVEMENTS)}")
        for target in targets:
            weights[MOVEMENTS.index(target)] += value
    return weights


def bump(flat: np.ndarray, centre: tuple[float, float], radius: float) -> np.ndarray:
    r"""(N,) a Gaussian hill of height 1 over flat points (N, 2); ``centre`` and ``radius`` in cm."""
    return np.exp(-((flat - np.asarray(centre)) ** 2).sum(1) / (2.0 * (0.6 * radius) ** 2))


def _still_points() -> np.ndarray:
    r"""(22, 2) cm: flat points of the hairline and temples that no movement shifts."""
    s, t = np.meshgrid([-9.0, -6.0, -3.0, 0.0, 3.0, 6.0, 9.0], [8.3, 10.2])
    temples = ((10.6, 5.2), (9.3, 6.2), (8.8, 4.0), (11.3, 1.0))
    sides = np.array([(x * k, y) for x, y in temples for k in (-1, 1)])
    return np.vstack([np.stack([s.ravel(), t.ravel()], 1), sides])


@cache
def _measured_fields() -> RBFInterpolator:
    from scipy.interpolate import RBFInterpolator

    table = flat_domain.measured()["expression_landmark_displacement"]
    values = np.stack([np.array(table[name]) for name in MEASURED], 1)  # (68, 53, 3)
    still = _still_points()
    centres = np.vstack([flat_domain.landmarks_flat(), still])
    shifts = np.vstack([values.reshape(68, -1), np.zeros((len(still), values[0].size))])
    with one_thread():  # kept for later builds, whoever asks first
        return RBFInterpolator(centres, shifts, smoothing=2e-2)  # a thin-plate spline


def displacement_fields(flat: np.ndarray) -> np.ndarray:
    r"""Flat points (N, 2) → (N, 3, 64) displacements in centimetres of every movement at weight 1."""
    fields = np.moveaxis(_measured_fields()(flat).reshape(len(flat), len(MEASURED), 3), 1, 2)  # (N, 3, 53)
    local = np.stack([bump(flat, c, r)[:, None] * np.array(d) for c, r, d in _LOCAL.values()], 2)
    for name, hills in _FULLNESS.items():
        for sign, suffix in ((1.0, "_L"), (-1.0, "_R")):
            column = MEASURED.index(name if name in MEASURED else name + suffix)
            for (s, t), radius, d in hills:
                direction = np.array(d) * (sign, 1.0, 1.0)
                fields[:, :, column] += bump(flat, (sign * s, t), radius)[:, None] * direction
    return np.concatenate([fields, local], 2)
