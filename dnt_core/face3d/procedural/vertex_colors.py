r"""Colour of the average face at mesh resolution: skin, lips, brows, eyes as soft areas; how they vary."""

from __future__ import annotations

import numpy as np

from . import flat_domain
from .plane_distance import distance_to_curve, signed_distance

SKIN = np.array([0.79, 0.60, 0.50])
LIPS = np.array([0.70, 0.40, 0.38])
BROWS = np.array([0.36, 0.26, 0.20])
EYES = np.array([0.62, 0.56, 0.53])


def outer_lip() -> np.ndarray:
    r"""(118, 2) cm: the vermilion border as a closed flat polygon, smooth through the outer-lip landmarks."""
    from scipy.interpolate import PchipInterpolator

    p = flat_domain.landmarks_flat()
    upper, lower = p[48:55], np.vstack([p[54:60], p[48:49]])[::-1]
    s = np.linspace(p[48, 0], p[54, 0], 60)
    up, low = (PchipInterpolator(edge[:, 0], edge[:, 1])(s) for edge in (upper, lower))
    return np.vstack([np.stack([s, up], 1)[:-1], np.stack([s, low], 1)[::-1][:-1]])


def _soft(distance: np.ndarray, width: float) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(np.clip(distance / width, -30, 30)))


def areas(flat: np.ndarray) -> dict[str, np.ndarray]:
    r"""Flat points (N, 2) cm → soft membership (N,) in [0, 1] of ``lips``, ``brows`` and ``eyes``."""
    p = flat_domain.landmarks_flat()
    brow = np.minimum(*(distance_to_curve(flat, p[a:b])[0] for a, b in ((17, 22), (22, 27))))
    eye = np.minimum(*(signed_distance(flat, flat_domain.eye_outline(side)) for side in ("right", "left")))
    return {
        "lips": _soft(signed_distance(flat, outer_lip()), 0.06),
        "brows": _soft(brow - 0.35, 0.08),
        "eyes": _soft(eye, 0.05),
    }


def mean_color(flat: np.ndarray) -> np.ndarray:
    r"""Flat points (N, 2) cm → (N, 3) RGB albedo in [0, 1]."""
    color = np.broadcast_to(SKIN, (len(flat), 3)).copy()
    part = areas(flat)
    for name, paint in (("lips", LIPS), ("brows", BROWS), ("eyes", EYES)):
        member = part[name][:, None]
        color = color * (1 - member) + paint * member
    return color


def color_trait_fields(flat: np.ndarray) -> np.ndarray:
    r"""Flat points (N, 2) cm → (N, 3, 9) RGB: nine ways colour varies between people, each at weight 1."""
    part = areas(flat)
    skin = 1.0 - np.maximum.reduce(list(part.values()))

    def hill(s: float, t: float, radius: float) -> np.ndarray:
        sides = (1, -1) if s else (1,)
        return sum(np.exp(-((flat - (k * s, t)) ** 2).sum(1) / (2 * radius**2)) for k in sides)

    one = np.ones(len(flat))
    beard = hill(0, -6.2, 2.4) + hill(5.5, -4.5, 2.2)
    pairs = [
        (one,                 ( 0.10,  0.11,  0.11)),
        (skin,                ( 0.03, -0.03, -0.04)),
        (skin,                ( 0.01,  0.02, -0.03)),
        (part["lips"],        ( 0.06, -0.06, -0.05)),
        (part["brows"],       ( 0.18,  0.15,  0.12)),
        (part["eyes"],        ( 0.08,  0.08,  0.08)),
        (hill(4.2, 0.3, 1.8), ( 0.03, -0.05, -0.04)),
        (beard,               (-0.10, -0.09, -0.07)),
        (hill(3.2, 2.6, 0.9), (-0.06, -0.06, -0.03)),
    ]  # fmt: skip
    return np.stack([weight[:, None] * np.array(tint) for weight, tint in pairs], 2)
