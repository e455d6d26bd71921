r"""The way of the data, our own drawing of the paper's figure 2: boxes, arrows and small pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from dnt_core.plotting.image_plots import to_display
from dnt_core.plotting.style import EXPRESSION_COLORS, bare, new_axes, to_numpy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: What ``pipeline`` draws small pictures of.
PIPELINE_PICTURES = (
    "film", "geometry", "uv_map", "texture", "sampled", "teeth", "background", "color", "mask", "result",
)  # fmt: skip

INK, QUIET, GEOMETRY, TEXTURE, IMAGE = "#333333", "#666666", "#3A6EA5", "#D98032", "#3E9B76"
#: Symbol → how many numbers, colour: blue is drawn as geometry, grey is not used any more.
PARTS = {
    "α": (80, "#6C97C4"),
    "β": (64, "#2A5785"),
    "δ": (80, "#A9A9A9"),
    "γ": (27, "#A9A9A9"),
    "p": (6, "#6C97C4"),
}
SIDE = 1.32  # of a small picture


def pipeline(
    pictures: Mapping[str, Any], waveform: Any, ciec: Mapping[str, float], ax: Axes | None = None
) -> Axes:
    r"""Draws how sound, a CIEC and a film of the person become a frame (figure 2).

    Args:
        pictures: :data:`PIPELINE_PICTURES`, square, each as in ``to_display``.
        waveform: ``(N,)`` sound.
        ciec: expression → intensity, the seven entries.
        ax: where to draw; None makes a figure.
    """
    ax = ax or new_axes((10.6, 5.25))
    bare(ax)
    ax.set(xlim=(-0.35, 15.7), ylim=(-0.5, 7.35), aspect="equal")
    top, middle, low = 6.0, 3.55, 1.1

    _lane(ax, 4.95, 7.3, GEOMETRY, "geometry: shape, pose and lips")
    _lane(ax, 2.5, 4.85, TEXTURE, "texture: what the skin does", 11.35)
    _lane(ax, 2.5, 4.85, IMAGE, "", left=11.45)  # the colour is drawn by the renderer
    _lane(ax, -0.45, 2.4, IMAGE, "image: mouth, hair and background")

    _sound(ax, 0.95, top, waveform)
    _arrow(ax, (1.65, top), (2.05, top))
    _network(ax, 2.75, top, "speech to\nlip motion", "sets the lips in β", GEOMETRY)
    _arrow(ax, (3.45, top), (3.85, top))
    _numbers(ax, 4.65, top)
    _arrow(ax, (5.45, top), (5.85, top))
    _network(ax, 6.6, top, "decoupling\nnetwork", "β → neutral β", GEOMETRY)
    _arrow(ax, (7.35, top), (7.75, top))
    _picture(ax, 8.45, top, pictures["geometry"], "neutral geometry", GEOMETRY)
    _arrow(ax, (9.15, top), (9.7, top))
    _picture(ax, 10.4, top, pictures["uv_map"], "UV map", GEOMETRY)

    _ciec(ax, 0.95, middle, ciec)
    _arrow(ax, (1.65, middle), (2.05, middle))
    _network(ax, 2.75, middle, "transcoder", "", TEXTURE)
    _arrow(ax, (3.45, middle), (3.8, middle))
    _weights(ax, 4.1, middle)
    ax.text(4.46, middle, "×", ha="center", va="center", fontsize=11, color=QUIET)
    _stack(ax, 5.2, middle, pictures["texture"])
    _arrow(ax, (5.85, middle), (6.55, middle), "sum")
    _picture(ax, 7.25, middle, pictures["texture"], "dynamic neural texture", TEXTURE)
    _arrow(ax, (7.95, middle), (9.7, middle), "sample")
    _arrow(ax, (10.4, top - 1.0), (10.4, middle + 0.72))
    _picture(ax, 10.4, middle, pictures["sampled"], "sampled texture", TEXTURE)

    _picture(ax, 0.95, low, pictures["film"], "film of the person", IMAGE)
    between = 4.9  # between the lanes of geometry and texture
    ax.plot([0.29, -0.2, -0.2, 4.4], [low, low, between, between], color="#555555", lw=1.3, zorder=1)
    _arrow(ax, (4.4, between), (4.4, top - 0.44))
    ax.text(4.5, between + 0.12, "all but the lips", fontsize=8, color=QUIET)
    _arrow(ax, (1.65, low), (3.95, low), "cut the face out")
    _picture(ax, 4.65, low, pictures["background"], "background frame B", IMAGE)
    _picture(ax, 7.25, low, pictures["teeth"], "mouth area", IMAGE)
    _arrow(ax, (9.7, middle - 0.66), (7.95, low + 0.66))
    ax.text(9.0, low + 0.95, "cut", fontsize=8, color=QUIET)
    _arrow(ax, (10.4, middle - 1.0), (10.4, low + 0.55))
    _arrow(ax, (7.95, low), (8.17, low))
    _network(ax, 8.85, low, "teeth\nsubmodule", "gets the CIEC, too", IMAGE, 1.36)
    _arrow(ax, (9.54, low), (9.74, low))
    _network(ax, 10.4, low, "neural\nrenderer", "", IMAGE, 1.3)
    _arrow(ax, (11.07, low + 0.1), (12.0, middle - 0.7), bend=-0.15)
    _arrow(ax, (11.07, low), (12.0, low))
    _picture(ax, 12.7, middle, pictures["color"], "colour F", IMAGE)
    _picture(ax, 12.7, low, pictures["mask"], "mask α", IMAGE)

    under = low - 1.2
    ax.plot([4.65, 4.65, 14.75], [low - 0.97, under, under], color="#555555", lw=1.3, zorder=1)
    _arrow(ax, (14.75, under), (14.75, middle - 0.52))
    _arrow(ax, (10.4, under), (10.4, low - 0.52))
    _arrow(ax, (13.4, middle), (14.0, middle))
    _arrow(ax, (13.4, low + 0.2), (14.35, middle - 0.52), bend=0.12)
    _network(ax, 14.75, middle, r"$\alpha F+(1-\alpha)B$", "", INK, 1.45)
    ax.text(14.68, middle + 0.58, "equation 1", ha="right", fontsize=8, color=QUIET)
    _arrow(ax, (14.75, middle + 0.52), (14.75, top - 1.2))
    _picture(ax, 14.75, top, pictures["result"], "frame", INK, 1.75)
    return ax


def _lane(
    ax: Axes, low: float, high: float, color: str, name: str, right: float = 13.6, left: float = 0.0
) -> None:
    style = "round,pad=0,rounding_size=0.18"
    ax.add_patch(
        FancyBboxPatch((left, low), right - left, high - low, boxstyle=style, fc=color, alpha=0.07, lw=0)
    )
    ax.text(0.16, high - 0.12, name, color=color, fontsize=8, va="top", weight="bold")


def _picture(ax: Axes, x: float, y: float, picture: Any, label: str, color: str, side: float = SIDE) -> None:
    h = side / 2
    ax.imshow(
        to_display(picture),
        extent=(x - h, x + h, y - h, y + h),
        zorder=2,
        aspect="auto",
        interpolation="antialiased",
    )
    frame = FancyBboxPatch(
        (x - h, y - h), side, side, boxstyle="square,pad=0", fc="none", ec=color, lw=1.1, zorder=3
    )
    ax.add_patch(frame)
    ax.text(x, y - h - 0.08, label, ha="center", va="top", fontsize=8.6, color=INK)


def _network(ax: Axes, x: float, y: float, name: str, note: str, color: str, width: float = 1.4) -> None:
    box = FancyBboxPatch(
        (x - width / 2, y - 0.5),
        width,
        1.0,
        boxstyle="round,pad=0,rounding_size=0.14",
        fc=color,
        ec="none",
        zorder=2,
    )
    ax.add_patch(box)
    ax.text(
        x,
        y,
        name,
        ha="center",
        va="center",
        color="white",
        fontsize=9,
        weight="bold",
        zorder=3,
        linespacing=1.15,
    )
    ax.text(x, y - 0.58, note, ha="center", va="top", color=QUIET, fontsize=8)


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], label: str = "", bend: float = 0.0
) -> None:
    look = {"arrowstyle": "-|>", "mutation_scale": 9, "lw": 1.3, "color": "#555555", "zorder": 4}
    arrow = FancyArrowPatch(start, end, shrinkA=0, shrinkB=0, connectionstyle=f"arc3,rad={bend}", **look)
    ax.add_patch(arrow)
    if label:
        ax.text(
            (start[0] + end[0]) / 2,
            (start[1] + end[1]) / 2 + 0.1,
            label,
            ha="center",
            fontsize=8,
            color=QUIET,
        )


def _sound(ax: Axes, x: float, y: float, waveform: Any) -> None:
    wave = to_numpy(waveform).ravel()
    columns = np.array_split(wave, 60)
    loud = np.array([np.abs(c).max() for c in columns]) / max(float(np.abs(wave).max()), 1e-9)
    ax.vlines(
        np.linspace(x - 0.6, x + 0.6, 60), y - 0.5 * loud, y + 0.5 * loud, color=GEOMETRY, lw=1.2, zorder=2
    )
    ax.text(x, y - SIDE / 2 - 0.08, "speech", ha="center", va="top", fontsize=8.6, color=INK)


def _numbers(ax: Axes, x: float, y: float) -> None:
    left, shown = x - 0.7, {symbol: max(n, 14) for symbol, (n, _) in PARTS.items()}  # p would be a hairline
    for symbol, (n, color) in PARTS.items():
        width = 1.4 * shown[symbol] / sum(shown.values())
        ax.add_patch(
            FancyBboxPatch(
                (left, y - 0.42), width, 0.84, boxstyle="square,pad=0", fc=color, ec="white", lw=0.6, zorder=2
            )
        )
        if n > 6:
            ax.text(
                left + width / 2, y, symbol, color="white", ha="center", va="center", fontsize=9.5, zorder=3
            )
        left += width
    ax.text(left - width / 2, y - 0.44, "p", color=PARTS["p"][1], ha="center", va="top", fontsize=8.5)
    ax.text(x, y + 0.52, "257 numbers per frame", ha="center", fontsize=8.6, color=INK)


def _ciec(ax: Axes, x: float, y: float, ciec: Mapping[str, float]) -> None:
    for k, (name, value) in enumerate(ciec.items()):
        at = x - 0.57 + 0.19 * k
        ax.add_patch(
            FancyBboxPatch(
                (at - 0.07, y - 0.5),
                0.14,
                1.0,
                boxstyle="square,pad=0",
                fc="white",
                ec="#CFCFCF",
                lw=0.7,
                zorder=2,
            )
        )
        ax.add_patch(
            FancyBboxPatch(
                (at - 0.07, y - 0.5),
                0.14,
                value,
                boxstyle="square,pad=0",
                fc=EXPRESSION_COLORS[name],
                lw=0,
                zorder=3,
            )
        )
        if value:
            ax.text(at, y + 0.55, f"{name} {value:g}", ha="center", fontsize=8, color=EXPRESSION_COLORS[name])
    ax.text(x, y - SIDE / 2 - 0.08, "CIEC", ha="center", va="top", fontsize=8.6, color=INK)


def _weights(ax: Axes, x: float, y: float) -> None:
    r"""One weight per basis of the pile, as bars of made-up heights."""
    for k, height in enumerate((0.8, 0.35, 0.55)):
        ax.bar(x - 0.19 + 0.19 * k, height, 0.13, y - 0.4, color=TEXTURE, zorder=2)
    ax.text(x, y - SIDE / 2 - 0.08, "weights", ha="center", va="top", fontsize=8.6, color=INK)


def _stack(ax: Axes, x: float, y: float, picture: Any) -> None:
    r"""A pile of textures in false colours: the bases are learnt and mean nothing to the eye."""
    values = to_display(picture).astype(np.float32) / 255
    for k in range(3):
        mixed = values @ np.roll(np.array([[0.2, 0.9, 0.1], [0.9, 0.1, 0.5], [0.3, 0.4, 0.9]]), k, axis=1)
        offset = 0.13 * (1 - k)
        h = 0.45
        extent = (x - h + offset, x + h + offset, y - h + offset, y + h + offset)
        ax.imshow(np.clip(mixed, 0, 1), extent=extent, zorder=2 + 0.1 * k, aspect="auto")
        ax.add_patch(
            FancyBboxPatch(
                (extent[0], extent[2]),
                2 * h,
                2 * h,
                boxstyle="square,pad=0",
                fc="none",
                ec="white",
                lw=1.0,
                zorder=2.05 + 0.1 * k,
            )
        )
    ax.text(x, y - SIDE / 2 - 0.08, "texture bases", ha="center", va="top", fontsize=8.6, color=INK)
