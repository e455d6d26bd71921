r"""The colour of every material at one pixel, compiled; the film's kernel calls it per pixel.

Colours are RGB around [0, 1], not clamped. ``across`` and ``along`` are the two coordinates of the part (see
:mod:`~dnt_core.actor.head_parts`), ``(x, y, z)`` is the unit normal or the point named, ``light`` (3,) points
to the key lamp, ``colors`` holds a person's colours in the rows below, ``noise`` is :func:`noise_tables`.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from dnt_core.actor.head_parts import EYE_RADIUS
from dnt_core.actor.people import Person
from dnt_core.cache.kernels import kernel

SKIN, FLUSH, HAIR, IRIS, SHIRT, BACKDROP = range(6)  # rows of a person's colours
STYLES = ("short", "long", "cropped")
_SEEDS = 13
_REACH = (0.16, 0.09, 0.10)  # of the strands' ends below the cap, per style
_TEETH = (0.0, 0.84, 1.50, 2.26, 2.96, 3.66, 4.56, 5.46)  # cm of arc from the middle to the gaps


def person_colors(person: Person) -> np.ndarray:
    r"""(6, 3) float64: a person's colours, in the order of the rows above."""
    return np.array([person.skin, person.flush, person.hair, person.iris, person.shirt, person.backdrop])


@cache
def noise_tables() -> np.ndarray:
    r"""(13, 1024) in [-1, 1]: one table of value noise per seed."""
    return np.stack([np.random.default_rng(seed).uniform(-1, 1, 1024) for seed in range(_SEEDS)])


@kernel(fastmath=True, forceinline=True)
def value_noise(noise, a, seed):
    r"""Value noise in [-1, 1] along one coordinate, smooth between integers."""
    whole = int(np.floor(a))
    part = a - whole
    part = part * part * (3.0 - 2.0 * part)
    return noise[seed, whole & 1023] * (1.0 - part) + noise[seed, (whole + 1) & 1023] * part


@kernel(fastmath=True, forceinline=True)
def _clip(value):
    return min(max(value, 0.0), 1.0)


@kernel(fastmath=True, forceinline=True)
def _lambert(x, y, z, light, ambient):
    r"""Half-wrapped diffuse light from one direction; ambient in [0, 1]."""
    towards = x * light[0] + y * light[1] + z * light[2]
    return ambient + (1.0 - ambient) * _clip((towards + 0.25) / 1.25)


@kernel(fastmath=True, forceinline=True)
def paint_hair(across, along, x, y, z, light, half, colors, style, noise, out):
    r"""Strands: streaks across and, unless the hair is cropped, a soft shine towards ``half`` (3,)."""
    diffuse = _lambert(x, y, z, light, 0.38)
    if style == 2:
        streak = value_noise(noise, across * 55.0, 1) * value_noise(noise, along * 70.0, 2)
        thin = 0.5 * _clip((along - 0.80) / 0.20) ** 2  # towards the hairline the scalp shows
        for c in range(3):
            hair = colors[HAIR, c] * (1.0 + 0.75 * streak)
            out[c] = (hair + (0.8 * colors[SKIN, c] - hair) * thin) * diffuse
        return
    bend = value_noise(noise, along * 2.2 + across * 1.3, 5)
    lock = value_noise(noise, across * 21.0, 1)
    thin = value_noise(noise, (across + 0.03 * bend) * 75.0, 2)
    streak = 0.4 * lock + 0.6 * thin
    facing = _clip(x * half[0] + y * half[1] + z * half[2])
    shine = facing**14 * (0.35 + 0.85 * streak) * 0.5
    brightest = max(colors[HAIR, 0], colors[HAIR, 1], colors[HAIR, 2], 1e-3)
    for c in range(3):
        tint = 0.25 * colors[HAIR, c] / brightest + 0.10
        out[c] = colors[HAIR, c] * (diffuse * (1.0 + 0.42 * streak)) + shine * tint


@kernel(fastmath=True, forceinline=True)
def between_strands(across, along, style, noise):
    r"""Does skin show through the cap's edge? Strands end at different places."""
    reach = _REACH[0] if style == 0 else (_REACH[1] if style == 1 else _REACH[2])
    if along > 1.0 or along <= 1.0 - 2.0 * reach:
        return False
    fine = 0.6 * value_noise(noise, across * 40.0, 11) + 0.4 * value_noise(noise, across * 130.0, 12)
    if style == 2:
        fine = 0.5 * fine + 0.5 * value_noise(noise, along * 260.0 + 9.0 * fine, 3)
    return along > 1.0 - reach * (1.0 + fine)


@kernel(fastmath=True, forceinline=True)
def paint_shirt(across, along, x, y, z, light, colors, noise, out):
    r"""Woven cloth, its collar darker; the coordinates are (angle, 0 collar … 1 lowest)."""
    weave = 0.03 * value_noise(noise, across * 150.0, 3)
    crease = 0.05 * value_noise(noise, across * 6.0 + along * 3.0, 4)
    shade = (_lambert(x, y, z, light, 0.35) + weave + crease) * (0.86 if along < 0.06 else 1.0)
    for c in range(3):
        out[c] = colors[SHIRT, c] * shade


@kernel(fastmath=True, forceinline=True)
def paint_teeth(across, along, x, y, z, light, out):
    r"""Teeth, darker in gaps and to the sides; the coordinates are (arc in cm, height)."""
    place, nearest = abs(across), 1e9
    for gap in _TEETH:
        nearest = min(nearest, abs(place - gap))
    gap = np.exp(-((nearest / 0.045) ** 2)) * (0.35 + 0.65 * along)
    recede = 1.0 - 0.50 * _clip(place / 2.6) ** 1.5
    towards = _clip(x * light[0] + y * light[1] + z * light[2])
    lit = (0.70 + 0.30 * towards) * recede * (1.0 - 0.5 * gap)
    shine = np.exp(-(((along - 0.45) / 0.2) ** 2)) * np.exp(-(((nearest - 0.36) / 0.16) ** 2))
    shine *= 0.14 * recede
    out[0], out[1], out[2] = 0.86 * lit + shine, 0.82 * lit + shine, 0.74 * lit + shine


@kernel(fastmath=True, forceinline=True)
def paint_mouth(material, across, x, y, z, light, noise, out):
    r"""Gums (6), tongue (7) and the dark of the mouth."""
    if material == 6:
        lit = _lambert(x, y, z, light, 0.5)
        out[0], out[1], out[2] = 0.66 * lit, 0.33 * lit, 0.33 * lit
    elif material == 7:
        rough = 1.0 + 0.05 * value_noise(noise, across * 30.0, 8)
        lit = _lambert(x, y, z, light, 0.4) * rough * 0.85
        out[0], out[1], out[2] = 0.68 * lit, 0.34 * lit, 0.34 * lit
    else:
        out[0], out[1], out[2] = 0.10, 0.035, 0.035


@kernel(fastmath=True, forceinline=True)
def paint_ear(across, colors, out):
    r"""Albedo: ruddier than the face, dark in the shell's hollow."""
    hollow = np.exp(-(((across - 0.35) / 0.22) ** 2))
    groove = np.exp(-(((across - 0.68) / 0.07) ** 2))
    shade = 0.92 - 0.42 * hollow - 0.18 * groove
    for c in range(3):
        out[c] = (0.75 * colors[SKIN, c] + 0.25 * colors[FLUSH, c]) * shade


@kernel(fastmath=True, forceinline=True)
def paint_neck(height, colors, out):
    r"""Albedo of the neck, in the chin's shadow, and of the skull at the hairline; ``height`` in dm."""
    shade = 0.62 if height > -0.55 else 0.50 + 0.38 * _clip((-0.62 - height) / 0.45)
    for c in range(3):
        out[c] = colors[SKIN, c] * shade


@kernel(fastmath=True, forceinline=True)
def paint_eye(x, y, z, lid, upper, light, colors, noise, out):
    r"""An eyeball at the unit vector (x, y, z) from its centre, the gaze along +z.

    Args:
        lid: cm inwards from the lid margin. upper: 1 below the upper lid, 0 above the lower one.
    """
    radius = np.arctan2(np.hypot(x, y), z) * EYE_RADIUS  # cm along it
    fibre = 0.5 + 0.5 * value_noise(noise, np.arctan2(y, x) * 14.0 + 100.0, 7)
    ring = _clip((radius - 0.22) / 0.36)
    glow = 0.72 + 0.5 * fibre * (1.0 - ring) + 0.35 * ring
    rim = 1.0 - 0.75 * _clip((ring - 0.78) / 0.22)
    in_iris = 1.0 / (1.0 + np.exp((radius - 0.60) / 0.022))
    in_pupil = 1.0 / (1.0 + np.exp((radius - 0.235) / 0.018))
    above, below = 0.42 + 0.58 * _clip(lid / 0.34), 0.74 + 0.26 * _clip(lid / 0.12)
    shade = (above if upper > 0.5 else below) * (0.75 + 0.25 * _clip(z))  # the lids' shadows
    side = 0.22 * np.sign(light[0])
    glint = 0.85 * np.exp(-((x - side) ** 2 + (y - 0.20) ** 2) / 0.0055)
    redder = 0.10 * _clip(abs(x) - 0.35)
    for c in range(3):
        white = 0.68 - 0.2 * redder if c == 0 else (0.66 - redder if c == 1 else 0.64 - redder)
        color = white * (1.0 - in_iris) + colors[IRIS, c] * glow * rim * in_iris
        color = color * (1.0 - in_pupil) + (0.025 if c == 1 else 0.03) * in_pupil
        out[c] = color * shade + glint
