r"""The skin's colour: what a person's face looks like in flat light, painted in the flat domain."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from dnt_core.actor.people import Person, get_person
from dnt_core.actor.texel_grid import grain, texel_flat
from dnt_core.cache.built_once import built_once
from dnt_core.face3d.procedural import flat_domain
from dnt_core.face3d.procedural.bases import smooth_noise
from dnt_core.face3d.procedural.plane_distance import distance_to_curve, signed_distance
from dnt_core.face3d.procedural.vertex_colors import outer_lip

NOSTRIL = ((0.62, -0.92), (0.34, 0.17))  # flat centre and half axes, cm


def hill(flat: np.ndarray, s: float, t: float, radius: float, stretch: float = 1.0) -> np.ndarray:
    r"""(N,) a soft spot of height 1 over flat points (N, 2) cm, on both sides when s ≠ 0.

    ``radius`` in cm; ``stretch`` > 1 makes it wider than high.
    """
    sides = (1.0, -1.0) if s else (1.0,)
    return sum(
        np.exp(-(((flat[:, 0] - k * s) / stretch) ** 2 + (flat[:, 1] - t) ** 2) / (2 * radius**2))
        for k in sides
    )


def soft(distance: np.ndarray, width: float) -> np.ndarray:
    r"""(N,) 1 where ``distance`` (N,) is well below 0, 0 well above, a smooth edge of ``width`` between."""
    return 0.5 - 0.5 * np.tanh(distance / width)


def eye_distance(flat: np.ndarray) -> np.ndarray:
    r"""(N,) signed distance in cm of points (N, 2) to the nearer eye's lids, negative between them."""
    return np.minimum(*(signed_distance(flat, flat_domain.eye_outline(side)) for side in ("right", "left")))


# cm that the middle of the hair lies below the landmarks, from the nose outwards: iBUG marks the upper edge
_BELOW_MARKS = (0.34, 0.28, 0.24, 0.20, 0.10)


def brow_curves() -> list[np.ndarray]:
    r"""The middles of the two brows as flat polylines (5, 2) cm from the nose outwards."""
    p = flat_domain.landmarks_flat()
    below = np.stack([np.zeros(5), _BELOW_MARKS], 1)
    return [p[17:22][::-1] - below, p[22:27] - below]


def _lay(color: np.ndarray, cover: np.ndarray, paint: np.ndarray | tuple) -> np.ndarray:
    r"""``paint`` laid over a colour (N, 3) where it covers (N,) it."""
    return color + np.clip(cover, 0.0, 1.0)[:, None] * (np.asarray(paint) - color)


def _nostrils(flat: np.ndarray) -> np.ndarray:
    r"""(N,) 1 inside the nostrils."""
    (s, t), (a, b) = NOSTRIL
    sides = (((flat[:, 0] - k * s) / a) ** 2 + ((flat[:, 1] - t - 0.06) / b) ** 2 for k in (1, -1))
    return sum(np.exp(-(squared**2)) for squared in sides)


def _large_scale(person: Person, flat: np.ndarray) -> np.ndarray:
    skin, flush = np.array(person.skin), np.array(person.flush)
    color = np.broadcast_to(skin, (len(flat), 3)).copy()
    blood = (
        0.20 * hill(flat, 4.4, 0.2, 1.9)  # cheeks
        + 0.18 * hill(flat, 0, 0.4, 0.8)  # the nose
        + 0.12 * hill(flat, 1.6, -0.4, 0.5)  # its wings
        + 0.12 * hill(flat, 0, -6.2, 1.4)  # the chin
        + 0.14 * hill(flat, 9.5, 1.5, 2.0)  # before the ears
    )
    color = _lay(color, blood, flush)
    color = _lay(color, 0.25 * hill(flat, 0, 7.8, 2.6, 1.8), skin * (1.04, 1.03, 0.96))
    color = _lay(color, 0.42 * hill(flat, 3.0, 2.45, 0.55, 1.8), skin * (0.80, 0.72, 0.76))  # below the eyes
    color = _lay(color, 0.45 * hill(flat, 3.2, 4.3, 0.5, 1.8), skin * (0.82, 0.70, 0.66))  # the lids
    color = _lay(color, 0.35 * hill(flat, 1.5, 3.4, 0.45), skin * (0.74, 0.62, 0.60))
    return color


def _lips(color: np.ndarray, person: Person, flat: np.ndarray) -> np.ndarray:
    distance = signed_distance(flat, outer_lip())
    lips = np.array(person.lips)
    parting = np.abs(signed_distance(flat, flat_domain.mouth_hole()))
    ridge = 0.3 * np.exp(-(((distance - 0.06) / 0.09) ** 2))
    color = _lay(color, ridge, np.minimum(np.array(person.skin) * 1.07, 1.0))
    color = _lay(color, 0.9 * soft(distance, 0.13), lips)
    upper = flat[:, 1] > flat_domain.MOUTH_LINE
    color = _lay(color, soft(distance, 0.1) * np.where(upper, 0.3, 0.0), lips * 0.82)
    return _lay(color, soft(distance, 0.1) * 0.75 * np.exp(-parting / 0.16), lips * (0.52, 0.42, 0.44))


def _brows(color: np.ndarray, person: Person, flat: np.ndarray) -> np.ndarray:
    strokes = smooth_noise(flat @ np.array([[7.0, 1.6], [4.0, 2.2]]), 1, 0.9, 21, "none")[:, 0]
    for curve in brow_curves():
        distance, along = distance_to_curve(flat, curve)
        taper = np.clip(1.15 - 0.75 * along, 0.2, 1.0)
        width = person.brow_width * taper * (0.55 + 0.45 * np.minimum(1, along * 5))
        cover = soft(distance - width, 0.09) * np.clip(0.84 + 0.09 * strokes, 0.4, 0.97)
        color = _lay(color, cover * np.where(along < 0.08, 0.72, 1.0), person.brows)
    return color


def _beard_area(flat: np.ndarray) -> np.ndarray:
    r"""(N,) in [0, 1] where a beard grows: chin, jaw, whiskers, moustache, not the lips."""
    off_lips = soft(-signed_distance(flat, outer_lip()) + 0.25, 0.15)
    chin, jaw = hill(flat, 0, -7.0, 1.9, 2.4), hill(flat, 7.0, -5.0, 1.7, 1.2)
    whiskers, moustache = hill(flat, 8.9, -2.6, 1.3, 0.8), hill(flat, 1.0, -1.95, 0.42, 2.0)
    below = np.clip(chin * 1.25 + jaw + whiskers, 0, 1)
    return np.clip(below + 0.85 * moustache, 0, 1) * off_lips


def _eyelids(color: np.ndarray, flat: np.ndarray, person: Person) -> np.ndarray:
    distance = eye_distance(flat)
    p = flat_domain.landmarks_flat()
    middle = 0.5 * (p[36, 1] + p[39, 1])
    upper = flat[:, 1] > middle + 0.02
    lash = np.array(person.brows) * 0.45
    rim = np.exp(-((np.maximum(distance, 0.0) / 0.16) ** 2)) * (distance > -0.2)
    color = _lay(color, 0.55 * rim, np.array(person.skin) * (0.78, 0.56, 0.52))
    upper_lashes = np.exp(-(((distance - 0.02) / 0.085) ** 2)) * 0.93
    lower_lashes = np.exp(-(((distance - 0.01) / 0.05) ** 2)) * 0.5
    return _lay(color, np.where(upper, upper_lashes, lower_lashes), lash)


def vertex_albedo(person: Person, flat: np.ndarray) -> np.ndarray:
    r"""Flat points (N, 2) cm → (N, 3) RGB of the person without fine detail, for the texture numbers."""
    color = _lips(_large_scale(person, flat), person, flat)
    stubble = np.array(person.hair) * 0.6 + 0.2 * np.array(person.skin)
    color = _lay(color, 0.62 * person.stubble * _beard_area(flat), stubble)
    for curve in brow_curves():
        distance, _ = distance_to_curve(flat, curve)
        color = _lay(color, 0.8 * soft(distance - person.brow_width, 0.12), person.brows)
    return _lay(color, soft(eye_distance(flat), 0.1), (0.62, 0.57, 0.54))


@lru_cache(maxsize=6)
@built_once("actor", "face3d/procedural")
def albedo_map(name: str, size: int) -> np.ndarray:
    r"""(size, size, 3) float32 RGB in [0, 1]: the person's skin in flat light, row 0 at v = 1."""
    person, flat = get_person(name), texel_flat(size)
    color = _large_scale(person, flat)
    mottle = (0.014 * grain(size, 0.55, 11) + 0.009 * grain(size, 0.18, 12)).ravel()
    color = color * (1.0 + mottle[:, None] * (0.7, 1.2, 1.2))
    if person.freckles:
        color = _freckles(color, person, flat)
    color = _lips(color, person, flat)
    fine = grain(size, 0.035, 3).ravel()
    beard = _beard_area(flat) * person.stubble
    stubble = np.array(person.hair) * 0.75 + 0.12 * np.array(person.skin)
    color = _lay(color, beard * np.clip(0.52 + 0.20 * fine, 0.1, 0.95), stubble)
    color = _lay(color, 0.94 * _nostrils(flat), np.array(person.skin) * (0.22, 0.12, 0.11))
    color = _brows(color, person, flat)
    color = color * (1.0 + 0.016 * fine[:, None])
    color = _eyelids(color, flat, person)
    return np.clip(color, 0.0, 1.0).reshape(size, size, 3).astype(np.float32)


def _freckles(color: np.ndarray, person: Person, flat: np.ndarray) -> np.ndarray:
    generator = np.random.default_rng([ord(c) for c in person.name])
    cover = np.zeros(len(flat))
    for _ in range(190):
        s, t = generator.normal(size=2) * (3.4, 1.3) + (0.0, 1.2)
        radius = generator.uniform(0.05, 0.11)
        near = np.abs(flat - (s, t)).max(1) < 0.5
        spot = np.exp(-((flat[near] - (s, t)) ** 2).sum(1) / (2 * radius**2))
        cover[near] += generator.uniform(0.25, 0.7) * spot
    return _lay(color, person.freckles * np.minimum(cover, 0.8), np.array(person.skin) * (0.80, 0.62, 0.50))


def _under_jaw(flat: np.ndarray) -> np.ndarray:
    r"""(N,) 1 below the jaw's edge, which its landmarks mark: the face shades what lies under it."""
    jaw = flat_domain.landmarks_flat()[3:14]
    below = np.interp(flat[:, 0], jaw[:, 0], jaw[:, 1]) - flat[:, 1]  # cm
    ends = soft(np.abs(flat[:, 0]) - jaw[-2, 0], 0.6)
    return ends * soft(0.22 - below, 0.15)


@lru_cache(maxsize=6)
@built_once("actor", "face3d/procedural")
def occlusion_map(size: int) -> np.ndarray:
    r"""(size, size) float32 in (0, 1]: how much surrounding light reaches the skin of the neutral face."""
    flat = texel_flat(size)
    dark = (
        0.30 * hill(flat, 1.35, 3.5, 0.55)  # the eyes' inner corners
        + 0.16 * hill(flat, 3.1, 4.25, 0.45, 2.0)  # below the brows
        + 0.14 * hill(flat, 2.08, -0.45, 0.28, 0.7)  # beside the nose's wings
        + 0.25 * hill(flat, 0.62, -0.95, 0.3, 1.4)  # the nostrils
        + 0.20 * hill(flat, 0, -1.4, 0.22, 3.6)  # below the nose
        + 0.30 * hill(flat, 0, -5.15, 0.32, 3.4)  # below the lower lip
        + 0.22 * hill(flat, 2.42, -3.5, 0.2)  # the corners of the mouth
        + 0.10 * hill(flat, 0, -2.0, 0.4, 0.45)  # the philtrum
        + 0.35 * hill(flat, 0, -9.3, 1.1, 4.0)  # below the chin
    )
    dark = dark + 0.18 * _under_jaw(flat)
    lower = flat[:, 1] < flat_domain.MOUTH_LINE
    edge = np.exp(-np.abs(signed_distance(flat, outer_lip())) / 0.12) * lower * 0.10
    outside = signed_distance(flat, flat_domain.outer_boundary())
    hairline = 0.26 * soft(-outside - 1.2, 0.8) * (flat[:, 1] > 1.0)
    return np.clip(1.0 - dark - edge - hairline, 0.25, 1.0).reshape(size, size).astype(np.float32)
