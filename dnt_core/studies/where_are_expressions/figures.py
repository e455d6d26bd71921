r"""Pictures of the study: figure 3, folds side by side, confusion, saliency, the sweep of footnote 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from dnt_core.ciec import EXPRESSIONS
from dnt_core.metrics.intervals import fold_interval
from dnt_core.plotting import contact_sheet, matrix, style
from dnt_core.rendering.five_renderings import RENDERINGS
from dnt_core.studies.where_are_expressions.cross_validation import Results, confusion
from dnt_core.studies.where_are_expressions.input_cache import StudyInputs
from dnt_core.studies.where_are_expressions.saliency import heat_over
from dnt_core.studies.where_are_expressions.table import (
    ORDER,
    WITH_TEXTURE,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WITH_COLOR, WITHOUT_COLOR = "#C8703C", "#5B7FA6"
CLASS_NAMES = {"type": EXPRESSIONS, "level": ("level 1", "level 2", "level 3")}


def five_inputs(inputs: StudyInputs, rows: Sequence[int], small: StudyInputs | None = None) -> Axes:
    r"""Figure 3: a row per frame, a column per input.

    Args:
        inputs: large pictures of these frames.
        rows: of the frames that are shown.
        small: the pictures that the nets get; two of their inputs are shown as well, enlarged.
    """
    clips = [inputs.frames.clips[inputs.frames.clip[row]] for row in rows]
    labels = [c.expression if c.expression == "neutral" else f"{c.expression} {c.level}" for c in clips]
    sheet = [[np.moveaxis(inputs.pictures[name][row], 0, -1) for name in RENDERINGS] for row in rows]
    titles = list(RENDERINGS.values())
    for name, pixels in [] if small is None else small.pictures.items():
        if name in ("rd_textures", "rd_no_color"):
            titles.append(f"{RENDERINGS[name]},\n{pixels.shape[-1]} px")
            for line, row in zip(sheet, rows, strict=True):
                line.append(enlarged(np.moveaxis(pixels[row], 0, -1), len(line[0])))
    return contact_sheet(sheet, labels, titles)


def one_of_each_type(inputs: StudyInputs, level: int = 3) -> list[int]:
    r"""Row of one frame for every expression that was filmed, in the middle of its first clip at the level
    that is nearest to this one."""
    rows, clips = [], list(enumerate(inputs.frames.clips))
    for k in range(len(EXPRESSIONS)):
        if shown := [(abs(clip.level - level), i) for i, clip in clips if clip.type_index == k]:
            mine = np.flatnonzero(inputs.frames.clip == min(shown)[1])
            rows.append(int(mine[len(mine) // 2]))
    return rows


def setting_color(setting: str) -> str:
    r"""One colour for inputs with texture, one for those without."""
    return WITH_COLOR if setting in WITH_TEXTURE else WITHOUT_COLOR


def cross_entropy_bars(results: Mapping[str, Results], target: str, chance: float | None = None) -> Axes:
    r"""Points with intervals, a row a setting and a marker a study (such as folds by frame and by clip).

    Args:
        results: name of a study → its results. chance: a line at the cross-entropy of guessing.
    """
    with style():
        height = 0.42 * max(1.0, 0.7 * len(results))  # of a row; more studies, more room
        _, ax = plt.subplots(figsize=(5.4, 0.9 + height * len(ORDER)))
    offsets = np.linspace(0.2, -0.2, len(results)) if len(results) > 1 else [0.0]
    for k, (name, study) in enumerate(results.items()):
        for row, setting in enumerate(ORDER):
            values = [fit.cross_entropy for fit in study[setting, target]]
            low, high = fold_interval(values)
            y = -row + offsets[k]
            ax.hlines(y, max(low, 0), high, color=setting_color(setting), lw=2, alpha=0.5)
            face = setting_color(setting) if k == 0 else "white"
            ax.plot(np.mean(values), y, "os^D"[k % 4], color=setting_color(setting), mfc=face, ms=6)
            ax.plot(values, [y] * len(values), ".", color="#333333", ms=3)
        ax.plot(
            [],
            [],
            "os^D"[k % 4],
            color="#555555",
            markerfacecolor="#555555" if k == 0 else "white",
            label=name,
        )
    if chance is not None:
        ax.axvline(chance, color="#999999", ls=":", lw=1.2)
        place = {"fontsize": 8, "color": "#777777", "ha": "right", "va": "center"}
        ax.text(0.99 * chance, 0.55, "guessing", **place)  # above the first row, where no interval lies
    ax.set_yticks([-row for row in range(len(ORDER))], [RENDERINGS[s] for s in ORDER])
    ax.set_ylim(-len(ORDER) + 0.4, 0.75)
    ax.set_xlim(left=0)
    ax.set_xlabel(f"cross-entropy of the {target}, nats (dots: single folds; bars: 95 %, cut at 0)")
    if len(results) > 1:
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(results), borderaxespad=0.1)
    return ax


def confusions(results: Results, target: str, settings: Sequence[str] = ORDER) -> Figure:
    r"""A confusion matrix a setting, three in a row: rows are the true classes, numbers are percent of a
    row."""
    names, columns = CLASS_NAMES[target], min(3, len(settings))
    rows = -(-len(settings) // columns)
    with style():
        unit = 0.42 if len(names) > 4 else 0.75  # few classes: cells that can be read
        size = ((unit * len(names) + 0.3) * columns + 1.0, (0.86 * unit * len(names) + 0.55) * rows + 0.7)
        figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)
    for k, ax in enumerate(axes.flat):
        if k >= len(settings):
            ax.set_axis_off()
            continue
        shares = confusion(results[settings[k], target])
        matrix(100 * shares, names, names, ax, title=RENDERINGS.get(settings[k], settings[k]), fmt=".0f")
        if k % columns:
            ax.set_yticks([])
        if k + columns < len(settings):
            ax.set_xticks([])
        else:
            ax.set_xlabel("read as")
    axes[0, 0].set_ylabel("true class")
    axes[-1, 0].set_ylabel("true class")
    return figure


def saliency_sheet(
    pictures: Mapping[str, np.ndarray], heats: Mapping[str, np.ndarray], row_labels: Sequence[str]
) -> Axes:
    r"""A column per input, a row per expression: where covering the picture costs the classifier most.

    All pictures have one scale, so that a pale column is one that loses little. Full red is the median of
    the pictures' worst squares. Above each column stands what its worst square costs (median).

    Args:
        pictures: setting → (T, 3, S, S) uint8. heats: setting → (T, h, w) from :func:`occlusion_map`.
    """
    full = float(np.median([h.max((1, 2)) for h in heats.values()]))
    sheet = [[enlarged(heat_over(pictures[s][t], h[t], full)) for s, h in heats.items()]
             for t in range(len(row_labels))]  # fmt: skip
    columns = [f"{RENDERINGS.get(s, s)}\n{np.median(h.max((1, 2))):.2f} nats" for s, h in heats.items()]
    ax = contact_sheet(sheet, row_labels, columns)
    ax.set_xlabel(f"full red: {full:.2f} nats or more", fontsize=9)
    return ax


def enlarged(picture: np.ndarray, side: int = 192) -> np.ndarray:
    r"""A small picture drawn larger and smooth.

    Args:
        picture: (S, S, 3) uint8.
        side: px of the larger picture, (side, side, 3).
    """
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC))


def resolution_curve(
    resolution: Mapping[int, Sequence[float]],
    noise: Mapping[float, Sequence[float]],
    texture: Sequence[float],
    whole: Sequence[float],
    target: str,
    axes: Sequence[Axes] | None = None,
) -> Sequence[Axes]:
    r"""Footnote 1: cross-entropy against the mesh's resolution (left) and the reconstruction's noise (right).

    Means over the folds. A fold that is hard is hard for every surface, so the intervals that matter are
    those of differences; they stand in the notebook's table.

    Args:
        resolution: vertices → cross-entropy of every fold.
        noise: standard deviations, the smallest first → the same. The smallest is a line on the left, too.
        texture: of "Rd with textures", a line.
        whole: of the surface with all that moved, not only what the 64 numbers follow.
        target: "type" or "level".
        axes: two; None: new ones.
    """
    if axes is None:
        with style():
            _, axes = plt.subplots(1, 2, figsize=(9.6, 4.3), layout="constrained", sharey=True)
    left, right = axes
    exact, worst = (float(np.mean(noise[x])) for x in (min(noise), max(noise)))
    for ax, sweep in zip(axes, (resolution, noise), strict=True):
        name = "with furrows" if ax is left else "64 numbers with an error of σ"
        ax.plot(list(sweep), [np.mean(v) for v in sweep.values()], "o-", color=WITHOUT_COLOR, label=name)
        ax.axhline(np.mean(texture), color=WITH_COLOR, lw=1.8, zorder=1.5, label="Rd with textures")
    left.axhline(exact, color="#777777", ls="--", lw=1.2, label="64 numbers exact, no furrows")
    left.axhline(np.mean(whole), color="#333333", ls=":", lw=2.2, label="all that moved, scanned")
    left.set_xscale("log")
    left.set_xticks(list(resolution), [f"{n:,}" for n in resolution], fontsize=8)
    left.minorticks_off()
    left.set_xlabel("vertices of the mesh with furrows (finer to the right)")
    left.set_ylabel(f"cross-entropy of the {target}, nats")
    left.set_ylim(bottom=0)
    finest = float(np.mean(resolution[max(resolution)]))
    left.set_title(f"Furrows, finest: {finest:.2f} nats; all that moved: {np.mean(whole):.2f}", fontsize=10)
    right.set(xlabel="error of the 64 numbers, σ (worse to the right)")
    right.set_title(f"Error: {exact:.2f} nats at σ = 0, {worst:.2f} at σ = {max(noise):g}", fontsize=10)
    for ax in axes:  # below the panel, where no line runs
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, fontsize=8, frameon=False)
    return axes
