r"""The flat domain: the face unrolled onto a plane, where everything of the procedural face is defined.

A point of the skin has flat coordinates (s, t) in centimetres: s runs around the head (a cylinder about the
vertical axis through ``AXIS_Z``, radius ``UNROLL_RADIUS``) towards the face's own left, t upwards. The mouth
is opened into a lens, so that upper and lower lip lie apart although they touch in space: the face is an
annulus with one mouth hole, as the Basel model's is. UV coordinates are (s, t) brought into [0, 1]².
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

import numpy as np

AXIS_Z = 1.5  # cm, the unrolling cylinder's axis
UNROLL_RADIUS = 8.5  # cm
MOUTH_LINE = -3.37  # cm, height where the lips meet
MOUTH_OPENING = 0.5  # cm, half height of the mouth hole in the flat domain
UV_CENTER = (0.0, 0.7)  # flat point shown at (u, v) = (.5, .5)
UV_HALF_WIDTH = 11.9  # cm from the centre to the edge of the UV square

# half of the outer boundary, from the middle of the forehead over the temple and jaw to under the chin
OUTLINE = np.array(
    [(0, 10.7), (3, 10.5), (6, 9.5), (8.5, 7.7), (10.4, 5.4), (11.5, 2.9), (11.5, 0.0), (10.8, -2.7),
     (9.3, -5.3), (7.2, -7.4), (4.6, -8.8), (2.2, -9.5), (0, -9.7)], dtype=np.float64
)  # fmt: skip


@cache
def measured() -> dict:
    r"""Measured human proportions in centimetres: 68 landmarks, their spread, the profile, 53 movements."""
    return json.loads(resources.files(__package__).joinpath("face_proportions.json").read_text())


@cache
def neutral_landmarks() -> np.ndarray:
    r"""(68, 3) cm: the average face's landmarks, the lips closed (the measured ones part by a millimetre)."""
    points = np.array(measured()["landmarks_neutral"])
    for upper, lower in ((61, 67), (62, 66), (63, 65)):
        middle = 0.5 * (points[upper] + points[lower])
        points[upper, 1], points[lower, 1] = middle[1] + 0.012, middle[1] - 0.012
        points[[upper, lower], 2] = middle[2]
    return points


def unroll(points: np.ndarray) -> np.ndarray:
    r"""(N, 3) cm → (N, 2): around and up, the mouth still closed."""
    angle = np.arctan2(points[:, 0], points[:, 2] - AXIS_Z)
    return np.stack([UNROLL_RADIUS * angle, points[:, 1]], 1)


@cache
def _mouth_half_width() -> float:
    return float(abs(unroll(neutral_landmarks()[60:61])[0, 0]))


def _opening(s: np.ndarray) -> np.ndarray:
    r"""(N,) cm that the lips part in the flat domain, at ``s`` (N,) cm from the middle."""
    inside = np.clip(1.0 - (s / _mouth_half_width()) ** 2, 0.0, 1.0)
    return MOUTH_OPENING * inside**0.75


def open_mouth(flat: np.ndarray, upper: np.ndarray) -> np.ndarray:
    r"""Part closed-mouth flat points (N, 2) cm at the mouth line; ``upper`` (N,) says which lie above it."""
    distance = flat[:, 1] - MOUTH_LINE
    shift = _opening(flat[:, 0]) * np.exp(-((distance / 2.4) ** 2))
    return np.stack([flat[:, 0], flat[:, 1] + np.where(upper, shift, -shift)], 1)


@cache
def landmarks_flat() -> np.ndarray:
    r"""(68, 2) cm: the landmarks in the flat domain, the mouth opened."""
    points = neutral_landmarks()
    upper = points[:, 1] > MOUTH_LINE
    upper[[61, 62, 63]], upper[[65, 66, 67]] = True, False
    return open_mouth(unroll(points), upper)


def flat_to_uv(flat: np.ndarray) -> np.ndarray:
    r"""(…, 2) cm → (u, v) in [0, 1], u to the right of the picture (the face's left), v up."""
    return (np.asarray(flat) - UV_CENTER) / (2.0 * UV_HALF_WIDTH) + 0.5


def uv_to_flat(uv: np.ndarray) -> np.ndarray:
    r"""(…, 2) in [0, 1] → cm, the inverse of :func:`flat_to_uv`."""
    return (np.asarray(uv) - 0.5) * (2.0 * UV_HALF_WIDTH) + UV_CENTER


def resample_closed(polygon: np.ndarray, n: int) -> np.ndarray:
    r"""(n, 2) points at equal arc length along the closed polygon (M, 2)."""
    closed = np.vstack([polygon, polygon[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    at = np.linspace(0.0, along[-1], n, endpoint=False)
    return np.stack([np.interp(at, along, closed[:, k]) for k in range(2)], 1)


@cache
def outer_boundary() -> np.ndarray:
    r"""(M, 2) cm: the face's outer boundary as a fine polygon, counter-clockwise seen from outside."""
    from scipy.interpolate import PchipInterpolator

    along = np.arange(len(OUTLINE))
    smooth = PchipInterpolator(along, OUTLINE)(np.linspace(0, along[-1], 400))
    left = smooth * (-1.0, 1.0)  # from the forehead down the face's right side (negative s)
    return np.vstack([left[:-1], smooth[::-1][:-1]])


def _arc(points: np.ndarray) -> np.ndarray:
    r"""(40, 2) of the cubic through four points with s strictly monotone, from the first to the last."""
    from scipy.interpolate import KroghInterpolator

    s = np.linspace(points[0, 0], points[-1, 0], 40)
    return np.stack([s, KroghInterpolator(points[:, 0], points[:, 1])(s)], 1)


@cache
def mouth_hole() -> np.ndarray:
    r"""(118, 2) cm: the inner-lip loop, counter-clockwise, lower lip first, from the face's right corner."""
    p = landmarks_flat()
    corner, far = p[60], p[64]
    s = 0.5 * (far[0] - corner[0]) * -np.cos(np.linspace(0, np.pi, 60))  # dense at the corners
    straight = MOUTH_LINE + (corner[1] - MOUTH_LINE) * (s / s[-1]) ** 2
    lower, upper = straight - _opening(s), straight + _opening(s)
    return np.vstack([np.stack([s, lower], 1)[:-1], np.stack([s, upper], 1)[::-1][:-1]])


@cache
def eye_outline(side: str) -> np.ndarray:
    r"""(78, 2) cm: open eye's lid margin, a closed polygon; ``side`` "right" or "left", the face's own."""
    p = landmarks_flat()
    first = 36 if side == "right" else 42
    upper = _arc(p[[first, first + 1, first + 2, first + 3]])
    lower = _arc(p[[first + 3, first + 4, first + 5, first]][::-1])[::-1]
    return np.vstack([upper[:-1], lower[:-1]])
