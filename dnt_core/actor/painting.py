r"""Colour of every material at the pixels a film frame shows it: numpy over lists of points."""

from __future__ import annotations

import numpy as np

from dnt_core.actor.people import Person


def hash_noise(a: np.ndarray, seed: int) -> np.ndarray:
    r"""Value noise in [-1, 1] along one coordinate, smooth between integers."""
    table = np.random.default_rng(seed).uniform(-1, 1, 1024)
    whole = np.floor(a).astype(np.int64)
    part = a - whole
    part = part * part * (3 - 2 * part)
    return table[whole & 1023] * (1 - part) + table[(whole + 1) & 1023] * part


def lambert(normals: np.ndarray, light: np.ndarray, ambient: float) -> np.ndarray:
    r"""(N,) half-wrapped diffuse light from one direction."""
    return ambient + (1.0 - ambient) * np.clip((normals @ light + 0.25) / 1.25, 0.0, 1.0)


def paint_hair(coordinates: np.ndarray, normals: np.ndarray, person: Person, light: np.ndarray) -> np.ndarray:
    r"""(N, 3) strands: streaks across, a soft band of shine, darker roots."""
    across, along = coordinates[:, 0], coordinates[:, 1]
    base = np.array(person.hair)
    if person.hair_style == "cropped":
        streak = hash_noise(across * 55, 1) * hash_noise(along * 70, 2)
        shine = 0.0
    else:
        bend = 0.25 * hash_noise(along * 3 + across * 2, 5)
        streak = 0.55 * hash_noise((across + 0.05 * bend) * 26, 1) + 0.45 * hash_noise(
            (across + 0.08 * bend) * 75, 2
        )
        half = (light + np.array([0, 0, 1.0])) / np.linalg.norm(light + np.array([0, 0, 1.0]))
        shine = np.clip(normals @ half, 0, 1) ** 14 * (0.6 + 0.7 * streak)
    diffuse = lambert(normals, light, 0.38)
    depth = 1.0 + 0.30 * streak
    color = base * (diffuse * depth)[:, None]
    tint = 0.25 * base / max(base.max(), 1e-3) + 0.10
    return color + np.asarray(shine)[..., None] * tint * 0.8 if person.hair_style != "cropped" else color


def between_strands(coordinates: np.ndarray, person: Person) -> np.ndarray:
    r"""(N,) True where the cap's edge is thin enough to let the skin through: single strands end at different places."""
    across, along = coordinates[:, 0], coordinates[:, 1]
    fine = 0.6 * hash_noise(across * 70, 11) + 0.4 * hash_noise(across * 190, 12)
    reach = {"short": 0.085, "long": 0.04, "cropped": 0.025}[person.hair_style]
    return (along <= 1.0) & (along > 1.0 - reach * (1.0 + fine))


def paint_shirt(
    coordinates: np.ndarray, normals: np.ndarray, person: Person, light: np.ndarray
) -> np.ndarray:
    weave = 0.03 * hash_noise(coordinates[:, 0] * 150, 3)
    crease = 0.05 * hash_noise(coordinates[:, 0] * 6 + coordinates[:, 1] * 3, 4)
    collar = np.where(coordinates[:, 1] < 0.06, 0.86, 1.0)
    return np.array(person.shirt) * ((lambert(normals, light, 0.35) + weave + crease) * collar)[:, None]


def paint_eye(
    local: np.ndarray, lid: np.ndarray, upper: np.ndarray, person: Person, light: np.ndarray
) -> np.ndarray:
    r"""(N, 3) an eyeball.

    Args:
        local: (N, 3) unit vectors from the eyeball's centre, the gaze along +z. lid: (N,) distance in cm inwards from
            the lid margin; upper: (N,) 1 below the upper lid, 0 above the lower one.
    """
    radius = np.arctan2(np.hypot(local[:, 0], local[:, 1]), local[:, 2]) * 1.25  # cm along the surface
    angle = np.arctan2(local[:, 1], local[:, 0])
    white = np.array([0.84, 0.81, 0.78]) - 0.10 * np.clip(np.abs(local[:, :1]) - 0.35, 0, 1) * np.array(
        [0.2, 1.0, 1.0]
    )
    fibre = 0.5 + 0.5 * hash_noise(angle * 14 + 100, 7)
    iris = np.array(person.iris)
    ring = np.clip((radius - 0.22) / 0.36, 0, 1)
    iris_color = (
        iris
        * (0.72 + 0.5 * fibre * (1 - ring) + 0.35 * ring)[:, None]
        * (1.0 - 0.75 * np.clip((ring - 0.78) / 0.22, 0, 1))[:, None]
    )
    in_iris = 1.0 / (1.0 + np.exp((radius - 0.60) / 0.022))
    in_pupil = 1.0 / (1.0 + np.exp((radius - 0.235) / 0.018))
    color = white * (1 - in_iris)[:, None] + iris_color * in_iris[:, None]
    color = color * (1 - in_pupil)[:, None] + np.array([0.03, 0.025, 0.03]) * in_pupil[:, None]
    shade = np.where(
        upper > 0.5, 0.42 + 0.58 * np.clip(lid / 0.34, 0, 1), 0.74 + 0.26 * np.clip(lid / 0.12, 0, 1)
    )
    diffuse = 0.75 + 0.25 * np.clip(local[:, 2], 0, 1)
    color = color * (shade * diffuse)[:, None]
    glint = np.exp(-((local[:, 0] - 0.22 * np.sign(light[0])) ** 2 + (local[:, 1] - 0.20) ** 2) / 0.0055)
    return color + 0.85 * glint[:, None]


def paint_ear(coordinates: np.ndarray, person: Person) -> np.ndarray:
    r"""(N, 3) albedo: ruddier than the face, dark in the shell's hollow."""
    out = coordinates[:, :1]
    color = 0.55 * np.array(person.skin) + 0.45 * np.array(person.flush)
    return color * (
        0.92 - 0.42 * np.exp(-(((out - 0.35) / 0.22) ** 2)) - 0.18 * np.exp(-(((out - 0.68) / 0.07) ** 2))
    )


def paint_teeth(coordinates: np.ndarray, normals: np.ndarray, light: np.ndarray) -> np.ndarray:
    arc, along = coordinates[:, 0], coordinates[:, 1]
    widths = np.cumsum([0.0, 0.84, 0.66, 0.76, 0.70, 0.70, 0.9, 0.9])
    place = np.abs(arc)
    nearest = np.min(np.abs(place[:, None] - widths[None]), 1)
    gap = np.exp(-((nearest / 0.045) ** 2)) * (0.35 + 0.65 * along)
    recede = 1.0 - 0.50 * np.clip(place / 2.6, 0, 1) ** 1.5
    color = (
        np.array([0.86, 0.82, 0.74])
        * ((0.70 + 0.30 * np.clip(normals @ light, 0, 1)) * recede * (1 - 0.5 * gap))[:, None]
    )
    shine = 0.14 * np.exp(-(((along - 0.45) / 0.2) ** 2)) * np.exp(-(((nearest - 0.36) / 0.16) ** 2)) * recede
    return color + shine[:, None]


def paint_plain(material: str, coordinates: np.ndarray, normals: np.ndarray, light: np.ndarray) -> np.ndarray:
    r"""Gums, tongue and the dark of the mouth."""
    if material == "gum":
        return np.array([0.66, 0.33, 0.33]) * lambert(normals, light, 0.5)[:, None]
    if material == "tongue":
        rough = 1.0 + 0.05 * hash_noise(coordinates[:, 0] * 30, 8)
        return np.array([0.68, 0.34, 0.34]) * (lambert(normals, light, 0.4) * rough * 0.85)[:, None]
    return np.broadcast_to(np.array([0.10, 0.035, 0.035]), (len(coordinates), 3)).copy()


def paint(material: str, coordinates, normals, positions, person: Person, light, factor) -> np.ndarray:
    r"""(N, 3) pixels of any material but the eye; ``factor`` (N, 3) is the spherical-harmonics light there."""
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
