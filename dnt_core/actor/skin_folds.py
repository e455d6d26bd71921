r"""Folds that muscles make in the skin, finer than the mesh, and the blood that comes and goes under it.

Each fold is a displacement in centimetres over the flat domain, and says which movements draw it. Frames show
folds through shading; a 3DMM of moderate resolution cannot carry them. That is the paper's observation
(section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from dnt_core.actor.skin_albedo import eye_distance, hill
from dnt_core.actor.texel_grid import grain, texel_flat
from dnt_core.cache.built_once import built_once
from dnt_core.face3d.procedural.movements import MOVEMENTS
from dnt_core.face3d.procedural.plane_distance import distance_to_curve, signed_distance
from dnt_core.face3d.procedural.vertex_colors import outer_lip

_NOTHING = 1e-7  # cm: a fold this deep changes no level of a picture


@dataclass(frozen=True)
class Fold:
    r"""A group of creases and the movements that draw it."""

    curves: tuple[Sequence[tuple[float, float]], ...]  # flat polylines in cm; if mirrored, of one side
    width: float  # cm
    depth: float  # cm
    drivers: dict[str, float]  # movement → share of the depth at weight 1
    mirrored: bool = True


# (height, left and right end): no two lines of a forehead are alike
_FOREHEAD = tuple(
    tuple((s, t + 0.20 * np.cos(s * 0.75 + i) - 0.018 * s * s) for s in np.linspace(left, right, 12))
    for i, (t, left, right) in enumerate(((6.95, -4.6, 4.2), (7.7, -3.9, 4.6), (8.5, -3.4, 2.9)))
)
_FOREHEAD_CENTRE = tuple(
    tuple((s, t + 0.20 * np.cos(s * 0.9 + 0.2 * t)) for s in np.linspace(left, right, 9))
    for t, left, right in ((6.9, -2.3, 1.9), (7.6, -1.7, 2.4))
)
FOLDS: dict[str, Fold] = {
    "forehead_lines": Fold(
        _FOREHEAD, 0.12, 0.055, {"browOuterUp_L": 0.55, "browOuterUp_R": 0.55}, mirrored=False,
    ),
    "forehead_centre": Fold(
        _FOREHEAD_CENTRE, 0.12, 0.052,
        {"browInnerUp_L": 0.55, "browInnerUp_R": 0.55, "browOuterUp_L": -0.2, "browOuterUp_R": -0.2},
        mirrored=False,
    ),
    "glabella": Fold(
        (((0.55, 4.5), (0.60, 5.1), (0.74, 5.7), (0.95, 6.2)),),
        0.13, 0.085, {"browDown": 0.75, "corrugatorBulge": 0.35},
    ),
    "nose_root": Fold(
        (((-1.0, 4.45), (0.0, 4.25), (1.0, 4.45)),
         ((-0.8, 3.95), (0.0, 3.75), (0.8, 3.95))),
        0.12, 0.060, {"noseSneer_L": 0.45, "noseSneer_R": 0.45, "browDown_L": 0.15, "browDown_R": 0.15},
        mirrored=False,
    ),
    "bunny_lines": Fold(
        (((0.55, 3.5), (1.1, 3.1), (1.5, 2.4)),
         ((0.6, 2.9), (1.15, 2.4), (1.5, 1.8)),
         ((0.75, 2.2), (1.25, 1.7), (1.55, 1.2))),
        0.10, 0.055, {"noseSneer": 1.0},
    ),
    "crows_feet": Fold(
        (((5.0, 3.75), (5.9, 4.3), (6.7, 4.75)),
         ((5.05, 3.4), (6.0, 3.45), (7.0, 3.4)),
         ((5.0, 3.05), (5.8, 2.6), (6.6, 2.0)),
         ((4.9, 2.75), (5.5, 2.05), (6.1, 1.3))),
        0.10, 0.050, {"cheekSquint": 0.75, "mouthSmile": 0.3},
    ),
    "lower_lid": Fold(
        (((1.7, 2.75), (2.4, 2.35), (3.2, 2.2), (4.0, 2.35), (4.7, 2.8)),),
        0.12, 0.065, {"cheekSquint": 0.6, "eyeSquint": 0.6},
    ),
    "nasolabial": Fold(
        (((1.95, 0.25), (2.45, -0.7), (2.95, -1.7), (3.35, -2.7), (3.5, -3.7)),),
        0.20, 0.13, {"mouthSmile": 0.85, "noseSneer": 0.45, "mouthUpperUp": 0.25, "mouthStretch": 0.25},
    ),
    "dimples": Fold(
        (((3.9, -2.7), (4.05, -3.3), (4.0, -3.9)),),
        0.16, 0.080, {"mouthSmile": 0.6, "mouthDimple": 0.9},
    ),
    "marionette": Fold(
        (((2.65, -3.8), (2.95, -4.5), (3.1, -5.4)),),
        0.17, 0.090, {"mouthFrown": 0.9, "mouthStretch": 0.3},
    ),
    "chin_crease": Fold(
        (((-1.6, -5.55), (-0.8, -5.2), (0.0, -5.1), (0.8, -5.2), (1.6, -5.55)),),
        0.16, 0.095, {"mouthShrugLower": 0.9, "mentalisBulge": 0.4}, mirrored=False,
    ),
    "upper_lid_fold": Fold(
        (((1.9, 4.15), (2.6, 4.55), (3.4, 4.62), (4.2, 4.3), (4.8, 3.8)),),
        0.12, 0.10, {"eyeWide": 0.7, "browInnerUp": 0.2},
    ),
    "stretch_lines": Fold(
        (((4.6, -3.0), (5.0, -3.9), (4.9, -4.8)),
         ((5.5, -3.0), (5.9, -4.1), (5.7, -5.1))),
        0.14, 0.045, {"mouthStretch": 0.8},
    ),
    "jaw_clench": Fold(
        (((7.2, -1.4), (7.5, -2.8), (7.1, -4.2)),),
        0.45, 0.085, {"masseterClench": 0.8, "mouthPress": 0.2},
    ),
    "hood": Fold(
        (((3.1, 4.35), (4.0, 4.3), (4.9, 3.9), (5.5, 3.4)),),
        0.16, 0.12, {"eyelidHood": 1.0},
    ),
}  # fmt: skip
# blood and pallor: areas (s, t, radius, stretch) in cm, and the tint added at intensity 1; neutral has none
FLUSH: dict[str, tuple[tuple, tuple[float, float, float]]] = {
    "angry": (
        ((4.2, 0.2, 2.2, 1.2), (0, 7.4, 2.2, 2.0), (0, 0.5, 1.0, 1.0), (0, -6.3, 1.5, 1.4)),
        (0.015, -0.055, -0.05),
    ),
    "contempt": (((4.4, -0.4, 1.5, 1.0),), (-0.03, -0.03, -0.02)),
    "disgusted": (((0, 0, 5.0, 1.6),), (-0.04, 0.0, -0.05)),
    "fear": (((0, 0, 6.0, 1.6),), (-0.03, 0.01, 0.04)),
    "happy": (((4.3, 0.5, 1.35, 1.1),), (0.01, -0.040, -0.032)),
    "sad": (((0, 0.0, 0.75, 1.2), (3.2, 2.6, 0.65, 1.9), (3.2, 4.2, 0.45, 1.9)), (0.0, -0.070, -0.05)),
    "surprised": (((4.2, 0.8, 1.5, 1.2), (0, 7.8, 2.2, 2.0)), (0.05, 0.03, 0.02)),
}


def _crease(flat: np.ndarray, curve: np.ndarray, width: float) -> np.ndarray:
    r"""(N,) a valley of depth 1 with shoulders along a curve (M, 2), fading out at both ends."""
    from scipy.interpolate import PchipInterpolator

    along = np.linspace(0.0, 1.0, len(curve))
    fine = PchipInterpolator(along, curve)(np.linspace(0.0, 1.0, 24))
    distance, where = distance_to_curve(flat, fine)
    fade = np.sin(0.5 * np.pi * np.clip(np.minimum(where, 1.0 - where) * 2.8, 0.0, 1.0)) ** 1.5
    valley = np.exp(-((distance / width) ** 2))
    shoulders = 0.38 * np.exp(-(((distance - 2.2 * width) / (1.8 * width)) ** 2))
    return (shoulders - valley) * fade


def _sides(fold: Fold) -> list[tuple[list[np.ndarray], dict[str, float]]]:
    r"""Curves and drivers of the face's left and right side, or of both at once."""
    curves = [np.array(c, dtype=np.float64) for c in fold.curves]
    if not fold.mirrored:
        return [(curves, fold.drivers)]
    left, right = (
        {name if name in MOVEMENTS else name + suffix: share for name, share in fold.drivers.items()}
        for suffix in ("_L", "_R")
    )
    return [(curves, left), ([c * (-1.0, 1.0) for c in curves], right)]


def _chin_pebbles(size: int) -> np.ndarray:
    r"""(size²,) cm: the chin's dimples when its muscle pulls."""
    return 0.05 * grain(size, 0.16, 31).ravel() * hill(texel_flat(size), 0, -6.1, 0.9, 1.3)


def _lip_lines(flat: np.ndarray) -> np.ndarray:
    r"""(N,) cm: the fine lines across the lips."""
    lip = np.clip(-signed_distance(flat, outer_lip()) / 0.2, 0, 1)
    return 0.018 * lip * np.sin(flat[:, 0] * 17.0 + 2.0 * np.sin(flat[:, 0] * 2.3))


_PEBBLES, _LINES = {"mentalisBulge": 1.0, "mouthShrugLower": 0.3}, {"mouthPress_L": 0.5, "mouthPress_R": 0.5}


@cache
def fold_drivers() -> np.ndarray:
    r"""(K, 64) how far each movement at weight 1 draws each fold."""
    driven = [by for fold in FOLDS.values() for _, by in _sides(fold)] + [_PEBBLES, _LINES]
    return np.array([[by.get(name, 0.0) for name in MOVEMENTS] for by in driven])


@lru_cache(maxsize=4)
def fold_boxes(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""All dynamic folds, each only where it is deeper than :data:`_NOTHING`.

    Returns:
        displacement in cm at activation 1, float32, the texels of all boxes one after the other; boxes (K, 4)
        first and last row, first and last column, the last not included; (K,) where each fold's texels begin.
    """
    built = _fold_boxes(size)
    return built["texels"], built["boxes"], built["starts"]


@built_once("actor", "face3d/procedural")
def _fold_boxes(size: int) -> dict[str, np.ndarray]:
    flat = texel_flat(size)
    maps = []
    for fold in FOLDS.values():
        for curves, _ in _sides(fold):
            creases = np.stack([_crease(flat, c, fold.width) for c in curves])
            maps.append(fold.depth * (np.minimum(creases, 0).min(0) + np.maximum(creases, 0).max(0)))
    maps += [_chin_pebbles(size), _lip_lines(flat)]
    texels, boxes = [], []
    for fold in np.stack(maps).reshape(-1, size, size).astype(np.float32):
        rows, columns = (np.flatnonzero((np.abs(fold) > _NOTHING).any(axis)) for axis in (1, 0))
        boxes.append((rows[0], rows[-1] + 1, columns[0], columns[-1] + 1))
        texels.append(fold[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].ravel())
    starts = np.cumsum([0] + [len(t) for t in texels[:-1]])
    return {"texels": np.concatenate(texels), "boxes": np.array(boxes), "starts": starts}


def fold_maps(size: int) -> np.ndarray:
    r"""(K, size, size) float32: :func:`fold_boxes` as whole textures."""
    texels, boxes, starts = fold_boxes(size)
    maps = np.zeros((len(boxes), size, size), np.float32)
    for fold, (top, bottom, left, right), start in zip(maps, boxes, starts, strict=True):
        box = fold[top:bottom, left:right]
        box[:] = texels[start : start + box.size].reshape(box.shape)
    return maps


@lru_cache(maxsize=8)
@built_once("actor", "face3d/procedural")
def resting_relief(size: int, age: float) -> np.ndarray:
    r"""(size, size) float32 cm: what is there without any expression; ``age`` in [0, 1] deepens the lines."""
    flat = texel_flat(size)
    relief = np.zeros(len(flat))
    lines = {
        "upper_lid_fold": 0.75,
        "nasolabial": 0.10 + 0.28 * age,
        "lower_lid": 0.25 + 0.4 * age,
        "forehead_lines": 0.16 * age,
        "glabella": 0.12 * age,
        "crows_feet": 0.15 * age,
    }
    for name, amount in lines.items():
        fold = FOLDS[name]
        for curves, _ in _sides(fold):
            relief += amount * fold.depth * np.minimum.reduce([_crease(flat, c, fold.width) for c in curves])
    wing = np.array([(1.75, 0.55), (2.05, 0.1), (2.12, -0.45), (1.9, -0.95), (1.4, -1.15)])
    for sign in (1, -1):
        relief += 0.09 * _crease(flat, wing * (sign, 1), 0.16)
    # philtrum, the lips' border, lip lines, the lids' margin
    relief += 0.06 * (hill(flat, 0.42, -1.85, 0.16, 0.7) - 0.9 * hill(flat, 0, -1.85, 0.3, 0.6))
    relief += 0.035 * np.exp(-((signed_distance(flat, outer_lip()) / 0.1) ** 2))
    relief += 0.4 * _lip_lines(flat) + 0.03 * np.exp(-(((eye_distance(flat) - 0.12) / 0.1) ** 2))
    pores = grain(size, 0.06, 5).ravel() * 0.0016
    return (relief + pores).reshape(size, size).astype(np.float32)


@lru_cache(maxsize=16)
@built_once("actor", "face3d/procedural")
def flush_map(expression: str, size: int) -> np.ndarray:
    r"""(size, size, 3) float32: the factor on the skin's albedo at intensity 1, minus 1."""
    if expression not in FLUSH:
        return np.zeros((size, size, 3), np.float32)
    areas, tint = FLUSH[expression]
    flat = texel_flat(size)
    cover = np.clip(sum(hill(flat, *area) for area in areas), 0.0, 1.0)
    off_eye = 1.0 - np.exp(-((np.maximum(eye_distance(flat), 0) / 0.15) ** 2))
    return ((cover * off_eye)[:, None] * np.array(tint)).reshape(size, size, 3).astype(np.float32)


def fold_activations(weights: np.ndarray) -> np.ndarray:
    r"""Movement weights (T, 64) → how deep each fold is (T, K), at least 0."""
    return np.maximum(weights @ fold_drivers().T, 0.0)
