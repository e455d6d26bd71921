r"""The live widget as a picture, for readers without a kernel: the face, and the pad with the hand on it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dnt_core.plotting.captions import captioned, font

FACE, PAD_WIDTH = 256, 320  # px
RADIUS, PLAIN = 88, 0.6  # of the pad, px; the share of a petal that counts in full, as in pad.js
SHARP = 3  # it is drawn this many times as large, then made smaller


def still(
    picture: np.ndarray, expression: str, intensity: float, frame: int, colors: Mapping[str, str]
) -> bytes:
    r"""The face beside the pad, as the bytes of a PNG file.

    Args:
        picture: (S, S, 3) uint8.
        expression: the type on which the hand lies, or "neutral".
        intensity: in [0, 1], the hand's distance from the centre.
        frame: of the speech.
        colors: expression → colour; the types stand around the pad in this order.
    """
    from PIL import Image

    sheet = Image.new("RGB", (FACE + PAD_WIDTH, FACE), "white")
    sheet.paste(Image.fromarray(picture).resize((FACE, FACE), Image.Resampling.BICUBIC), (0, 0))
    pad = _pad(expression, intensity, colors).resize((PAD_WIDTH, FACE), Image.Resampling.LANCZOS)
    sheet.paste(pad, (FACE, 0))
    parts = [
        f"Still of the live widget: {expression} {intensity:.2f}", f"frame {frame}",
        "the dot on the pad is the hand (angle: type, distance: intensity)",
    ]  # fmt: skip
    return captioned(sheet, parts)


def _pad(expression: str, intensity: float, colors: Mapping[str, str]):
    from PIL import Image, ImageColor, ImageDraw

    types = [name for name in colors if name != "neutral"]
    picture = Image.new("RGB", (SHARP * PAD_WIDTH, SHARP * FACE), "white")
    draw = ImageDraw.Draw(picture)
    step = 2 * math.pi / len(types)

    def place(angle: float, radius: float) -> tuple[float, float]:
        x, y = PAD_WIDTH / 2 + radius * math.cos(angle), FACE / 2 + radius * math.sin(angle)
        return SHARP * x, SHARP * y

    def disc(angle: float, radius: float, size: float, **look) -> None:
        x, y = place(angle, radius)
        draw.ellipse((x - SHARP * size, y - SHARP * size, x + SHARP * size, y + SHARP * size), **look)

    for k, name in enumerate(types):
        axis = -math.pi / 2 + k * step
        offs = np.linspace(-0.5, 0.5, 25) * step
        petal = [place(axis + off, RADIUS * (0.06 + 0.94 * _share(off, step))) for off in offs]
        pale = tuple(round(255 - 0.2 * (255 - c)) for c in ImageColor.getrgb(colors[name]))
        draw.polygon([place(0, 0), *petal], fill=pale)
        draw.line([place(0, 0), place(axis, RADIUS)], fill=colors[name], width=SHARP)
        side = math.cos(axis)
        anchor = "lm" if side > 0.3 else "rm" if side < -0.3 else "mm"
        draw.text(place(axis, 1.12 * RADIUS), name, fill="#333333", font=font(12 * SHARP), anchor=anchor)
    disc(0, 0, 3.5, fill="white", outline="#59626d", width=SHARP)
    on = types.index(expression) if expression in types else 0
    at = -math.pi / 2 + on * step, RADIUS * intensity * (expression in types)
    color = colors.get(expression, "#8A8A8A")
    disc(*at, 10, fill="#59626d")
    disc(*at, 9, fill="white")
    disc(*at, 7, fill=color)
    return picture


def _share(off: float, step: float) -> float:
    r"""How much of the distance counts, ``off`` radians away from a type's axis: 1, and 0 at the border."""
    u = min(max((1 - abs(off) / (step / 2)) / (1 - PLAIN), 0), 1)
    return u * u * (3 - 2 * u)
