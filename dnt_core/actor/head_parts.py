r"""What a film shows besides the face: skull, ears, neck, shirt, hair, eyeballs, teeth, tongue.

Plain lofted surfaces, all in the face's own frame, centimetres. ``coordinates`` are two numbers a vertex that
the painter of the material reads (along and across hair strands, tooth position, …); ``follows`` says what
moves the part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from dnt_core.actor.people import Person, get_person
from dnt_core.face3d.procedural import flat_domain

MATERIALS = ("skin", "ear", "hair", "shirt", "eye", "teeth", "gum", "tongue", "cavity")
EYE_RADIUS = 1.25
_EYE = np.array([3.15, 3.47, 8.22])


@dataclass(frozen=True, eq=False)
class Part:
    r"""A triangle mesh of one material."""

    vertices: np.ndarray  # (V, 3) cm
    triangles: np.ndarray  # (F, 3)
    coordinates: np.ndarray  # (V, 2)
    material: str  # one of MATERIALS
    follows: str = "head"  # head, body, jaw, tongue, eye_right, eye_left


def lofted(
    surface: np.ndarray, coordinates: np.ndarray, material: str, follows: str = "head", flip: bool = False
) -> Part:
    r"""A surface from a grid of points (R, C, 3) cm, coordinates (R, C, 2); ``flip`` turns it inside out."""
    rows, columns = surface.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (
        index[i : rows - 1 + i, j : columns - 1 + j].ravel() for i, j in ((0, 0), (0, 1), (1, 1), (1, 0))
    )
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    if flip:
        triangles = triangles[:, ::-1]
    return Part(surface.reshape(-1, 3), triangles, coordinates.reshape(-1, 2), material, follows)


def ellipsoid(
    centre: Sequence[float], radii: Sequence[float], material: str, follows: str = "head", n: int = 40
) -> Part:
    r"""An ellipsoid with ``centre`` and ``radii`` (3,) in cm, n points round, n / 2 from pole to pole."""
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, n), np.linspace(0, np.pi, n // 2))
    unit = np.stack([np.sin(v) * np.sin(u), np.cos(v), np.sin(v) * np.cos(u)], 2)
    return lofted(np.asarray(centre) + unit * np.asarray(radii), np.stack([u, v], 2), material, follows)


def _ears() -> list[Part]:
    r"""Flat shells that open forwards; coordinates are (distance from the middle 0 … 1, angle)."""
    parts = []
    for side in (-1, 1):
        angle, out = np.meshgrid(np.linspace(0, 2 * np.pi, 40), np.linspace(0, 1, 14))
        high = np.where(np.cos(angle) > 0, 3.1, 2.6) * np.cos(angle) * out
        deep = np.where(np.sin(angle) > 0, 2.0, 1.0) * (1.0 + 0.25 * np.cos(angle)) * np.sin(angle) * out
        rim = 0.42 * np.exp(-(((out - 0.86) / 0.13) ** 2)) - 0.35 * np.exp(-((out / 0.45) ** 2))
        splay = np.radians(38)  # how far the shell stands off the head
        x = 7.35 + deep * np.sin(splay) + rim * np.cos(splay) + 0.1
        z = 1.6 - deep * np.cos(splay) + rim * np.sin(splay) - 0.12 * high
        surface = np.stack([side * x, 2.0 + high, z], 2)
        parts.append(lofted(surface, np.stack([out, angle], 2), "ear", flip=side > 0))
    return parts


def _neck_and_shirt(person: Person) -> list[Part]:
    r"""Tubes about the spine; coordinates are (angle, height in cm) and (angle, 0 collar … 1 lowest)."""
    slim = person.name.startswith("W")
    u = np.linspace(0, 2 * np.pi, 64)
    y = np.linspace(-4.0, -17.0, 30)
    angle, height = np.meshgrid(u, y)
    down = np.clip((-height - 11.5) / 5.0, 0, 1)
    rx = (4.9 if slim else 5.8) + 4.0 * down**2
    rz = (5.3 if slim else 6.0) + 1.2 * down**2
    surface = np.stack([rx * np.sin(angle), height, -1.0 + (height + 4.0) * 0.10 + rz * np.cos(angle)], 2)
    neck = lofted(surface, np.stack([angle, height], 2), "skin", "body", flip=True)
    t = np.linspace(0, 1, 30)
    angle, drop = np.meshgrid(u, t)
    collar = (5.9 if slim else 6.7) + 0.4 * np.cos(2 * angle)
    rx = collar + (12.5 if slim else 14.5) * drop**0.8
    rz = collar + 3.0 * drop**0.7
    fall = -11.7 - 1.5 * np.cos(angle) * (1 - drop) - 6.2 * drop**1.5 - 3.0 * np.clip(drop - 0.75, 0, 1)
    surface = np.stack([rx * np.sin(angle), fall, -1.8 + rz * np.cos(angle)], 2)
    return [neck, lofted(surface, np.stack([angle, drop], 2), "shirt", "body", flip=True)]


# height in cm where hair begins, at azimuths about the vertical (0 = front, ±π/2 = the ears)
_AZIMUTHS = (0, 0.3, 0.55, 0.75, 0.95, 1.12, 1.26, 1.4, 1.55, 1.75, 2.2, np.pi)
_HAIRLINES = {
    "short": (9.3, 9.6, 10.0, 9.6, 7.8, 6.2, 3.0, 2.6, 4.6, 4.8, -3.0, -5.0),
    "long": (10.6, 10.4, 9.9, 9.0, 7.2, 5.0, 0.0, -2.0, -3.0, -4.0, -5.0, -5.0),
    "cropped": (9.7, 9.7, 9.7, 9.2, 7.8, 6.2, 2.6, 2.2, 4.8, 5.0, -2.0, -4.0),
}


def _around(generator: np.random.Generator, width: int, n: int = 241) -> np.ndarray:
    r"""(n,) smooth noise of unit variance around the head, ``width`` columns wide."""
    noise = np.convolve(np.tile(generator.normal(size=n), 3), np.hanning(2 * width + 1), "same")[n : 2 * n]
    return noise / noise.std()


def _cap(person: Person) -> Part:
    r"""Hair over the skull: a grid from the crown down to the hairline, strands along the rows."""
    style = person.hair_style
    thickness, edge = {"short": (1.15, 0.62), "long": (1.0, 0.62), "cropped": (0.42, 0.50)}[style]
    azimuth, down = np.meshgrid(np.linspace(-np.pi, np.pi, 241), np.linspace(0.0, 1.0, 60))
    generator = np.random.default_rng([ord(c) for c in person.name])
    blobs, unevenness = {"short": (11, 0.13), "long": (17, 0.12), "cropped": (9, 0.07)}[style]
    ragged = _around(generator, blobs) * unevenness + _around(generator, 3) * 0.6 * unevenness
    radii, centre, crown = np.array([7.3, 9.6, 9.3]), np.array([0.0, 5.0, 1.0]), 14.6
    lowest = np.interp(np.abs(azimuth), _AZIMUTHS, _HAIRLINES[style]) + ragged[None]
    height = crown - (crown - lowest) * down**0.85
    ring = np.sqrt(np.clip(1.0 - ((height - centre[1]) / radii[1]) ** 2, 0.0, 1.0))
    ring = np.where(height < centre[1], np.maximum(ring, 0.86), ring)
    x, z = radii[0] * ring * np.sin(azimuth), centre[2] + radii[2] * ring * np.cos(azimuth)
    shell = np.stack([x, height, z], 2)
    outward = shell - centre
    outward /= np.linalg.norm(outward, axis=2, keepdims=True)
    body = edge + (thickness - edge) * np.sin(np.clip((1.0 - down) * 3.0, 0, np.pi / 2))
    tuft = _around(generator, 9)
    body = body + np.where(style == "cropped", 0.0, 0.13) * tuft[None] * np.sin(np.pi * down)
    if style == "short":  # swept up and to one side at the front
        body = body + 0.75 * np.exp(-(((azimuth - 0.25) / 0.7) ** 2)) * np.exp(-(((down - 0.78) / 0.2) ** 2))
    strand = np.stack([azimuth - _swept(azimuth, down, style), down], 2)
    return lofted(shell + outward * body[..., None], strand, "hair", flip=True)


def _swept(azimuth: np.ndarray, down: np.ndarray, style: str) -> np.ndarray:
    r"""Radians that the strands of the front run sideways: from a parting, or all to one side."""
    front = np.exp(-((azimuth / 1.1) ** 2)) * down
    if style == "long":
        return 0.5 * np.tanh((azimuth + 0.25) / 0.35) * front
    return (0.55 if style == "short" else 0.0) * front


def _curtain(person: Person) -> Part:
    r"""Long hair hanging at the sides and behind, from the temples to the shoulders."""
    generator = np.random.default_rng([3] + [ord(c) for c in person.name])
    azimuth, down = np.meshgrid(np.linspace(0.86, 2 * np.pi - 0.86, 181), np.linspace(0, 1, 50))
    height = 8.3 - 22.0 * down
    wave = 0.4 * _around(generator, 7, 181)[None]
    swell = 0.95 + 0.9 * np.sin(np.pi * np.clip(down * 1.15, 0, 1)) - 0.9 * down**3 + 0.22 * wave
    swell = swell + 0.2 * np.sin(down * 16 + azimuth * 6) * down
    side = np.abs(np.sin(azimuth))
    rx = 7.25 + swell * (0.6 + 0.55 * side)
    rz = np.where(np.cos(azimuth) > 0, 7.6, 9.4) + 0.5 * swell
    ring = np.sqrt(np.clip(1.0 - (np.maximum(height - 5.0, 0) / 10.2) ** 2, 0, 1))
    x, z = rx * ring * np.sin(azimuth), 0.3 + rz * ring * np.cos(azimuth) - 1.2 * down
    coordinates = np.stack([azimuth * 1.1, 1.0 + down * 1.4], 2)
    return lofted(np.stack([x, height, z], 2), coordinates, "hair", flip=True)


def eye_centre(side: str) -> np.ndarray:
    r"""(3,) centre of an average eyeball, cm; ``side`` is the person's own."""
    return _EYE * ((-1.0 if side == "right" else 1.0), 1.0, 1.0)


def _teeth(upper: bool) -> list[Part]:
    r"""An arch of teeth with gums; coordinates are (arc length in cm from the middle, 0 gum … 1 edge)."""
    angle, along = np.meshgrid(np.linspace(-1.25, 1.25, 97), np.linspace(0, 1, 10))
    sign = -1.0 if upper else 1.0
    gum, length = -2.55 if upper else -4.55, 0.86
    half, depth, back = (2.35, 2.5, 8.0) if upper else (2.1, 2.25, 7.95)
    crown = np.abs(np.cos(angle * 6.2)) ** 0.3 * 0.06
    y = gum + sign * (length - crown - 0.22 * (angle / 1.25) ** 2) * along
    bulge = 1.0 + 0.03 * np.sin(np.pi * along)
    x, z = half * np.sin(angle) * bulge, back + depth * np.cos(angle) * bulge
    arc = angle * 2.35
    follows = "head" if upper else "jaw"
    coordinates = np.stack([arc, along], 2)
    gums = np.stack([x * 1.02, gum - sign * 0.9 * along, z + 0.12 + 0.1 * along], 2)
    return [
        lofted(np.stack([x, y, z], 2), coordinates, "teeth", follows),
        lofted(gums, coordinates, "gum", follows),
    ]


def _mouth_interior() -> list[Part]:
    r"""Teeth, gums, tongue, and a dark wall behind them."""
    tongue = ellipsoid((0.0, -4.55, 7.9), (1.75, 0.62, 2.35), "tongue", "tongue")
    x, y = np.meshgrid(np.linspace(-2.9, 2.9, 8), np.linspace(-6.6, -1.0, 12))
    back = lofted(np.stack([x, y, np.full_like(x, 6.4)], 2), np.stack([x, y], 2), "cavity")
    return [*_teeth(True), *_teeth(False), tongue, back]


@cache
def head_parts(name: str) -> tuple[Part, ...]:
    r"""All parts of a built-in person besides the face."""
    person = get_person(name)
    skull = ellipsoid((0.0, 5.0, 1.0), (7.3, 9.6, 9.3), "skin")
    behind_face = skull.vertices[:, 1] < 8.8
    skull.vertices[behind_face, 2] = np.minimum(skull.vertices[behind_face, 2], 3.5)
    eyes = [ellipsoid(eye_centre(s), (EYE_RADIUS,) * 3, "eye", f"eye_{s}", 48) for s in ("right", "left")]
    hair = [_cap(person)] + ([_curtain(person)] if person.hair_style == "long" else [])
    return tuple([skull, *_ears(), *_neck_and_shirt(person), *hair, *eyes, *_mouth_interior()])


@cache
def lower_face_anchor() -> np.ndarray:
    r"""(1, 2) cm: the flat point of the chin whose motion the lower teeth follow."""
    return flat_domain.landmarks_flat()[8:9] + (0.0, 0.9)
