r"""Colour of every material at the pixels a film frame shows it: numpy over lists of points."""

from __future__ import annotations

import numpy as np

from dnt_core.actor.head_parts import EYE_RADIUS
from dnt_core.actor.people import Person


def hash_noise(a: np.ndarray, seed: int) -> np.ndarray:
    r"""(N,) → (N,) value noise in [-1, 1] along one coordinate, smooth between integers."""
    table = np.random.default_rng(seed).uniform(-1, 1, 1024)
    whole = np.floor(a).astype(np.int64)
    part = a - whole
    part = part * part * (3 - 2 * part)
    return table[whole & 1023] * (1 - part) + table[(whole + 1) & 1023] * part


def lambert(normals: np.ndarray, light: np.ndarray, ambient: float) -> np.ndarray:
    r"""(N,) half-wrapped diffuse light from one direction (3,) on unit normals (N, 3), ambient in [0, 1]."""
    return ambient + (1.0 - ambient) * np.clip((normals @ light + 0.25) / 1.25, 0.0, 1.0)


def paint_hair(coordinates: np.ndarray, normals: np.ndarray, person: Person, light: np.ndarray) -> np.ndarray:
    r"""(N, 3) RGB of strands: streaks across and, unless the hair is cropped, a soft band of shine.

    Args:
        coordinates: (N, 2) across and along the strands. normals: (N, 3) unit. light: (3,) towards the lamp.
    """
    across, along = coordinates[:, 0], coordinates[:, 1]
    base = np.array(person.hair)
    diffuse = lambert(normals, light, 0.38)
    if person.hair_style == "cropped":
        streak = hash_noise(across * 55, 1) * hash_noise(along * 70, 2)
        return base * (diffuse * (1.0 + 0.30 * streak))[:, None]
    bend = 0.25 * hash_noise(along * 3 + across * 2, 5)
    thick = hash_noise((across + 0.05 * bend) * 26, 1)
    thin = hash_noise((across + 0.08 * bend) * 75, 2)
    streak = 0.55 * thick + 0.45 * thin
    half = (light + np.array([0, 0, 1.0])) / np.linalg.norm(light + np.array([0, 0, 1.0]))
    shine = np.clip(normals @ half, 0, 1) ** 14 * (0.6 + 0.7 * streak)
    color = base * (diffuse * (1.0 + 0.30 * streak))[:, None]
    tint = 0.25 * base / max(base.max(), 1e-3) + 0.10
    return color + shine[:, None] * tint * 0.8


def between_strands(coordinates: np.ndarray, person: Person) -> np.ndarray:
    r"""(N,) bool: does skin show through the cap's edge at (N, 2)? Strands end at different places."""
    across, along = coordinates[:, 0], coordinates[:, 1]
    fine = 0.6 * hash_noise(across * 70, 11) + 0.4 * hash_noise(across * 190, 12)
    reach = {"short": 0.085, "long": 0.04, "cropped": 0.025}[person.hair_style]
    return (along <= 1.0) & (along > 1.0 - reach * (1.0 + fine))


def paint_shirt(
    coordinates: np.ndarray, normals: np.ndarray, person: Person, light: np.ndarray
) -> np.ndarray:
    r"""(N, 3) RGB of woven cloth, its collar darker; coordinates (N, 2) are (angle, 0 collar … 1 lowest)."""
    weave = 0.03 * hash_noise(coordinates[:, 0] * 150, 3)
    crease = 0.05 * hash_noise(coordinates[:, 0] * 6 + coordinates[:, 1] * 3, 4)
    collar = np.where(coordinates[:, 1] < 0.06, 0.86, 1.0)
    return np.array(person.shirt) * ((lambert(normals, light, 0.35) + weave + crease) * collar)[:, None]


def paint_eye(
    local: np.ndarray, lid: np.ndarray, upper: np.ndarray, person: Person, light: np.ndarray
) -> np.ndarray:
    r"""(N, 3) RGB of an eyeball.

    Args:
        local: (N, 3) unit vectors from the eyeball's centre, the gaze along +z.
        lid: (N,) distance in cm inwards from the lid margin.
        upper: (N,) 1 below the upper lid, 0 above the lower one.
        light: (3,) towards the lamp.
    """
    radius = np.arctan2(np.hypot(local[:, 0], local[:, 1]), local[:, 2]) * EYE_RADIUS  # cm along it
    angle = np.arctan2(local[:, 1], local[:, 0])
    redder = np.array([0.2, 1.0, 1.0])
    white = np.array([0.84, 0.81, 0.78]) - 0.10 * np.clip(np.abs(local[:, :1]) - 0.35, 0, 1) * redder
    fibre = 0.5 + 0.5 * hash_noise(angle * 14 + 100, 7)
    iris = np.array(person.iris)
    ring = np.clip((radius - 0.22) / 0.36, 0, 1)
    glow = 0.72 + 0.5 * fibre * (1 - ring) + 0.35 * ring
    rim = 1.0 - 0.75 * np.clip((ring - 0.78) / 0.22, 0, 1)
    iris_color = iris * glow[:, None] * rim[:, None]
    in_iris = 1.0 / (1.0 + np.exp((radius - 0.60) / 0.022))
    in_pupil = 1.0 / (1.0 + np.exp((radius - 0.235) / 0.018))
    color = white * (1 - in_iris)[:, None] + iris_color * in_iris[:, None]
    color = color * (1 - in_pupil)[:, None] + np.array([0.03, 0.025, 0.03]) * in_pupil[:, None]
    above, below = 0.42 + 0.58 * np.clip(lid / 0.34, 0, 1), 0.74 + 0.26 * np.clip(lid / 0.12, 0, 1)
    shade = np.where(upper > 0.5, above, below)  # the lids' shadows
    diffuse = 0.75 + 0.25 * np.clip(local[:, 2], 0, 1)
    color = color * (shade * diffuse)[:, None]
    glint = np.exp(-((local[:, 0] - 0.22 * np.sign(light[0])) ** 2 + (local[:, 1] - 0.20) ** 2) / 0.0055)
    return color + 0.85 * glint[:, None]


def paint_ear(coordinates: np.ndarray, person: Person) -> np.ndarray:
    r"""(N, 3) albedo, ruddier than the face, dark in the shell's hollow; coordinates (N, 2) of the ear."""
    out = coordinates[:, :1]
    color = 0.55 * np.array(person.skin) + 0.45 * np.array(person.flush)
    hollow, groove = np.exp(-(((out - 0.35) / 0.22) ** 2)), np.exp(-(((out - 0.68) / 0.07) ** 2))
    return color * (0.92 - 0.42 * hollow - 0.18 * groove)


def paint_teeth(coordinates: np.ndarray, normals: np.ndarray, light: np.ndarray) -> np.ndarray:
    r"""(N, 3) RGB of teeth, darker in gaps and to the sides; coordinates (N, 2) are (arc in cm, height)."""
    arc, along = coordinates[:, 0], coordinates[:, 1]
    widths = np.cumsum([0.0, 0.84, 0.66, 0.76, 0.70, 0.70, 0.9, 0.9])
    place = np.abs(arc)
    nearest = np.min(np.abs(place[:, None] - widths[None]), 1)
    gap = np.exp(-((nearest / 0.045) ** 2)) * (0.35 + 0.65 * along)
    recede = 1.0 - 0.50 * np.clip(place / 2.6, 0, 1) ** 1.5
    lit = (0.70 + 0.30 * np.clip(normals @ light, 0, 1)) * recede * (1 - 0.5 * gap)
    shine = 0.14 * np.exp(-(((along - 0.45) / 0.2) ** 2)) * np.exp(-(((nearest - 0.36) / 0.16) ** 2)) * recede
    return np.array([0.86, 0.82, 0.74]) * lit[:, None] + shine[:, None]


def paint_plain(material: str, coordinates: np.ndarray, normals: np.ndarray, light: np.ndarray) -> np.ndarray:
    r"""(N, 3) RGB of gums, tongue and the dark of the mouth; coordinates (N, 2), unit normals (N, 3)."""
    if material == "gum":
        return np.array([0.66, 0.33, 0.33]) * lambert(normals, light, 0.5)[:, None]
    if material == "tongue":
        rough = 1.0 + 0.05 * hash_noise(coordinates[:, 0] * 30, 8)
        return np.array([0.68, 0.34, 0.34]) * (lambert(normals, light, 0.4) * rough * 0.85)[:, None]
    return np.broadcast_to(np.array([0.10, 0.035, 0.035]), (len(coordinates), 3)).copy()


def paint(
    material: str,
    coordinates: np.ndarray,
    normals: np.ndarray,
    positions: np.ndarray,
    person: Person,
    light: np.ndarray,
    factor: np.ndarray,
) -> np.ndarray:
    r"""(N, 3) RGB of pixels of any material but the eye.

    Args:
        material: one of :data:`~dnt_core.actor.head_parts.MATERIALS`.
        coordinates: (N, 2) of the part. normals: (N, 3) unit. positions: (N, 3) dm in camera space.
        light: (3,) towards the key lamp. factor: (N, 3) what the spherical-harmonics light makes of white.
    """
    if material == "hair":
        return paint_hair(coordinates, normals, person, light)
    if material == "shirt":
        return paint_shirt(coordinates, normals, person, light)
    if material == "teeth":
        return paint_teeth(coordinates, normals, light)
    if material == "ear":
        return paint_ear(coordinates, person) * factor
    if material == "skin":  # the neck, in the chin's shadow, and the skull at the hairline
        lower = np.clip((-0.62 - positions[:, 1]) / 0.45, 0, 1)
        shade = np.where(positions[:, 1] > -0.55, 0.62, 0.50 + 0.38 * lower)
        return np.array(person.skin) * factor * shade[:, None]
    return paint_plain(material, coordinates, normals, light)
