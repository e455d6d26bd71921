r"""The average face: a map from the flat domain to space through measured landmarks and sculpted points.

The 68 landmarks and the midline profile are measured (``face_proportions.json``); the points between them
(forehead, temples, cheeks, the nose's side walls, the underside of the jaw) are set by hand as radii about
the unrolling axis or as positions, and a thin-plate spline passes through all of them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dnt_core.cache.built_once import one_thread

from . import flat_domain

if TYPE_CHECKING:
    from scipy.interpolate import RBFInterpolator

# (angle in degrees, height y in cm, radius in cm about the unrolling axis); mirrored
_SHELL = [
    (0, 7.5, 8.95), (15, 7.5, 8.88), (30, 7.5, 8.55), (45, 7.5, 8.05), (58, 7.5, 7.65),
    (0, 9.0, 8.42), (15, 9.0, 8.33), (30, 9.0, 7.98), (45, 9.0, 7.5), (56, 9.0, 7.15),
    (0, 10.7, 7.5), (15, 10.6, 7.4), (30, 10.4, 7.05), (42, 9.9, 6.9),
    (52, 5.6, 8.05), (66, 6.2, 7.6), (62, 4.6, 7.85), (76, 5.0, 7.45), (48, 3.4, 8.1), (60, 3.0, 7.95),
    (45, 2.0, 8.42), (57, 1.6, 8.12), (70, 2.0, 7.65), (80, 2.0, 7.35),
    (30, 0.6, 9.0), (42, 0.5, 8.55), (55, 0.2, 8.02), (68, 0.0, 7.55), (79, 0.0, 7.2),
    (22, -1.3, 8.92), (32, -1.2, 8.68), (45, -1.4, 8.02), (58, -1.4, 7.55), (71, -2.0, 7.2),
    (24, -3.0, 8.72), (34, -3.0, 8.22), (47, -3.2, 7.66), (26, -4.6, 8.42), (37, -4.8, 7.78),
    (9, -5.2, 9.33), (18, -5.3, 8.82), (8, -6.3, 9.42), (16, -6.3, 8.78), (27, -6.0, 8.02),
]  # fmt: skip
# (x, y, z) in cm; mirrored
_FEATURES = [
    (0.75, 4.4, 10.52), (0.85, 3.5, 10.42), (0.55, 2.7, 11.22), (1.15, 2.5, 10.4), (1.65, 2.2, 10.0),
    (0.45, 1.7, 12.0), (0.95, 1.5, 11.1), (1.6, 1.3, 10.38), (2.2, 1.2, 10.1), (0.5, 0.45, 12.78),
    (0.95, 0.4, 12.0), (1.3, 0.0, 11.6), (1.7, -0.3, 11.1), (2.0, -0.2, 10.5), (2.35, -0.2, 10.22),
    (0.6, -0.5, 12.3), (1.25, -0.6, 11.55), (1.66, -0.85, 10.95), (1.95, -0.95, 10.45), (2.3, -1.1, 10.25),
    (0.8, -1.0, 11.75), (2.9, 4.75, 9.62), (3.9, 4.55, 9.28), (1.9, 4.35, 9.7), (2.8, 2.25, 9.62),
    (3.9, 2.2, 9.15), (4.8, 2.6, 8.6), (3.0, 1.5, 9.9), (4.1, 1.2, 9.45), (1.0, -1.9, 11.3),
    (1.9, -1.9, 10.75), (2.6, -2.2, 10.35), (1.6, -2.35, 11.1), (3.2, -3.5, 9.78), (2.9, -2.8, 10.1),
    (2.8, -4.3, 9.95), (1.2, -4.85, 11.0), (2.0, -5.0, 10.5),
]  # fmt: skip
# (angle, flat t, height y, radius): under the jaw the surface runs backwards and height says no longer where;
# mirrored
_UNDERSIDE = [
    (0, -8.5, -8.1, 7.95), (0, -9.7, -8.35, 6.6), (15, -8.3, -7.85, 7.6), (14, -9.5, -8.15, 6.4),
    (28, -8.0, -7.35, 6.95), (31, -8.8, -7.6, 6.1), (40, -7.1, -6.5, 6.75), (48.5, -7.4, -6.6, 6.0),
    (52, -5.6, -5.3, 6.85), (62, -5.3, -5.1, 6.3), (64, -3.6, -3.5, 7.0), (71.5, -2.7, -2.7, 6.9),
    (75, 0.0, 0.0, 7.35),
]  # fmt: skip
_PROFILE_HEIGHTS = (  # cm, of the measured profile points that are used
    10.12, 9.12, 8.12, 7.12, 6.37, 5.62, 4.62, 2.12, 1.12, -0.63, -0.88, -1.63, -2.13, -2.88, -3.13,
    -3.63, -3.88, -4.13, -4.63, -5.13, -5.63, -6.13, -6.88,
)  # fmt: skip


def _about_axis(angle: np.ndarray, height: np.ndarray, radius: np.ndarray) -> np.ndarray:
    r"""(N, 3) cm: positions at an angle and a distance about the unrolling axis."""
    return np.stack([radius * np.sin(angle), height, flat_domain.AXIS_Z + radius * np.cos(angle)], 1)


def _mirrored(points: np.ndarray) -> np.ndarray:
    twins = points[np.abs(points[:, 0]) > 1e-6] * np.array([-1.0] + [1.0] * (points.shape[1] - 1))
    return np.vstack([points, twins])


def _closed_lips() -> tuple[np.ndarray, np.ndarray]:
    r"""The mouth hole's edge between the inner-lip landmarks: apart in the flat domain, together in space."""
    from scipy.interpolate import PchipInterpolator

    landmarks = flat_domain.neutral_landmarks()
    along = landmarks[[60, 61, 62, 63, 64]].copy()
    along[1:4, 1] = 0.5 * (along[1:4, 1] + landmarks[[67, 66, 65], 1])
    s = flat_domain.unroll(along)[:, 0]
    at = np.linspace(s[0], s[-1], 11)[1:-1]
    at = at[np.abs(at[:, None] - s[None]).min(1) > 0.15]
    middle = PchipInterpolator(s, along)(at)  # (n, 3)
    hole = flat_domain.mouth_hole()
    half = len(hole) // 2
    flat, space = [], []
    for edge, sign in ((hole[: half + 1], -1.0), (np.vstack([hole[half:], hole[:1]])[::-1], 1.0)):
        flat.append(np.stack([at, np.interp(at, edge[:, 0], edge[:, 1])], 1))
        space.append(middle + (0.0, 0.008 * sign, 0.0))
    return np.vstack(flat), np.vstack(space)


@cache
def control_points() -> tuple[np.ndarray, np.ndarray]:
    r"""Flat coordinates (N, 2) and positions (N, 3) in centimetres that fix the average face."""
    shell = _mirrored(np.array(_SHELL, dtype=np.float64))
    in_shell = _about_axis(np.radians(shell[:, 0]), shell[:, 1], shell[:, 2])
    profile = dict(map(tuple, flat_domain.measured()["midline_profile_y_z"]))
    midline = np.array([(0.0, y, profile[y]) for y in _PROFILE_HEIGHTS])
    closed = np.vstack([in_shell, _mirrored(np.array(_FEATURES)), midline])
    flat = flat_domain.open_mouth(flat_domain.unroll(closed), closed[:, 1] > flat_domain.MOUTH_LINE)

    under = _mirrored(np.array(_UNDERSIDE, dtype=np.float64))
    angle = np.radians(under[:, 0])
    below = _about_axis(angle, under[:, 2], under[:, 3])
    below_flat = np.stack([flat_domain.UNROLL_RADIUS * angle, under[:, 1]], 1)
    lip_flat, lips = _closed_lips()
    return (
        np.vstack([flat_domain.landmarks_flat(), flat, below_flat, lip_flat]),
        np.vstack([flat_domain.neutral_landmarks(), closed, below, lips]),
    )


@cache
def _position_map() -> RBFInterpolator:
    from scipy.interpolate import RBFInterpolator

    with one_thread():  # kept for later builds, whoever asks first
        return RBFInterpolator(*control_points(), smoothing=1e-3)  # a thin-plate spline


def position(flat: np.ndarray) -> np.ndarray:
    r"""Flat points (N, 2) → positions (N, 3) on the average face, centimetres, y up, z towards the viewer."""
    return _position_map()(flat)
