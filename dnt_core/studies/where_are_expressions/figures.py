r"""Pictures of the study: figure 3, Table 1 as a figure, confusion, saliency, the sweep of footnote 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from dnt_core.ciec import EXPRESSIONS
from dnt_core.plotting import contact_sheet, matrix, style
from dnt_core.rendering.five_renderings import RENDERINGS
from dnt_core.studies.where_are_expressions.cross_validation import Results, confusion
from dnt_core.studies.where_are_expressions.input_cache import StudyInputs
from dnt_core.studies.where_are_expressions.saliency import heat_over
from dnt_core.studies.where_are_expressions.table import (
    ORDER,
    PAPER,
    WITH_TEXTURE,
    Entry,
    interval,
    paper_rank,
    paper_ratio,
    table_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WITH_COLOR, WITHOUT_COLOR, PAPER_COLOR = "#C8703C", "#5B7FA6", "#777777"
CLASS_NAMES = {"type": EXPRESSIONS, "level": ("level 1", "level 2", "level 3")}


def five_inputs(inputs: StudyInputs, rows: Sequence[int], ax: Axes | None = None) -> Axes:
    r"""Figure 3: the five pictures of some frames, a column a frame."""
    clips = [inputs.frames.clips[inputs.frames.clip[row]] for row in rows]
    labels = [c.expression if c.expression == "neutral" else f"{c.expression} {c.level}" for c in clips]
    sheet = [[np.moveaxis(inputs.pictures[name][row], 0, -1) for row in rows] for name in RENDERINGS]
    return contact_sheet(sheet, list(RENDERINGS.values()), labels, ax=ax)


def one_of_each_type(inputs: StudyInputs, level: int = 3) -> list[int]:
    r"""Row of one frame for every expression, in the middle of its first clip at this level (neutral: its
    only one)."""
    rows = []
    for k, name in enumerate(EXPRESSIONS):
        clips = [
            i
            for i, c in enumerate(inputs.frames.clips)
            if c.type_index == k and c.level == (1 if name == "neutral" else level)
        ]
        mine = np.flatnonzero(inputs.frames.clip == clips[0])
        rows.append(int(mine[len(mine) // 2]))
    return rows


def table1(results: Results, about: str, targets: Sequence[str] = ("level", "type")) -> Figure:
    r"""Table 1 as a figure: ours with intervals beside the paper's, ranks in brackets, ratios of the groups
    below.

    Args:
        about: what was run (network, pixels, frames, epochs, folds); written under the table.
    """
    with style():
        figure, ax = plt.subplots(figsize=(9.2, 2.9))
    ax.set_axis_off()
    columns = ["", *(f"{t}: {who}" for t in targets for who in ("ours", "95 % of folds", "paper"))]
    body, ours = [], {t: table_of(results, t) for t in targets}
    for name in ORDER:
        row = [RENDERINGS[name]]
        for t in targets:
            entry = ours[t][name]
            row += [str(entry), _range(entry), f"{PAPER[t][name]:.4f} ({paper_rank(t)[name]})"]
        body.append(row)
    row = ["without / with texture"]
    for t in targets:
        means = [np.mean([ours[t][n].mean for n in ORDER if (n in WITH_TEXTURE) == w]) for w in (False, True)]
        row += [f"{means[0] / means[1]:.1f} ×", "", f"{paper_ratio(t):.1f} ×"]
    body.append(row)
    drawn = ax.table(
        body,
        colLabels=columns,
        loc="upper center",
        cellLoc="center",
        colWidths=[0.22, *[0.13] * 3 * len(targets)],
    )
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(9)
    drawn.scale(1, 1.55)
    for (r, c), cell in drawn.get_celld().items():
        cell.set_edgecolor("#DDDDDD")
        cell.visible_edges = "B"
        if r == 0:
            cell.set_text_props(weight="bold")
        elif c == 0:
            cell.set_text_props(
                ha="left", color=_color(ORDER[r - 1]) if r <= len(ORDER) else "#333333", weight="bold"
            )
        elif c in range(3, len(columns), 3):
            cell.set_text_props(color=PAPER_COLOR)
        if 3 < r <= len(ORDER):
            cell.set_facecolor("#F3F6FA")
    ax.set_title(
        "Table 1: cross-entropy on held-out frames in nats (rank); lower: more of it is in the picture",
        fontsize=10,
    )
    ax.text(
        0.5,
        0.0,
        about,
        ha="center",
        va="top",
        fontsize=8,
        color="#555555",
        transform=ax.transAxes,
        wrap=True,
    )
    return figure


def _range(entry: Entry) -> str:
    return "one fold" if entry.folds < 2 else f"{max(entry.low, 0):.3f} – {entry.high:.3f}"


def _color(setting: str) -> str:
    return WITH_COLOR if setting in WITH_TEXTURE else WITHOUT_COLOR


def cross_entropy_bars(
    results: Mapping[str, Results],
    target: str,
    settings: Sequence[str] = ORDER,
    chance: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Points with intervals, a row a setting and a marker a study (such as folds by frame and by clip).

    Args:
        results: name of a study → its results. chance: a line at the cross-entropy of guessing.
    """
    if ax is None:
        with style():
            _, ax = plt.subplots(figsize=(5.4, 0.9 + 0.42 * len(settings)))
    offsets = np.linspace(0.16, -0.16, len(results)) if len(results) > 1 else [0.0]
    for k, (name, study) in enumerate(results.items()):
        for row, setting in enumerate(settings):
            values = [fit.cross_entropy for fit in study[setting, target]]
            low, high = interval(values)
            y = -row + offsets[k]
            ax.hlines(y, max(low, 0), high, color=_color(setting), lw=2, alpha=0.5)
            face = _color(setting) if k == 0 else "white"
            ax.plot(np.mean(values), y, "os^D"[k % 4], color=_color(setting), markerfacecolor=face, ms=6)
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
        place = {"fontsize": 8, "color": "#777777", "rotation": 90, "ha": "right", "va": "bottom"}
        ax.text(chance, -len(settings) + 0.5, "guessing ", **place)
    ax.set_yticks([-row for row in range(len(settings))], [RENDERINGS.get(s, s) for s in settings])
    ax.set_ylim(-len(settings) + 0.4, 0.75)
    ax.set_xlim(left=0)
    ax.set_xlabel(f"cross-entropy of the {target}, nats")
    if len(results) > 1:
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(results), borderaxespad=0.1)
    return ax


def confusions(
    results: Results, target: str, settings: Sequence[str] = ("rd_no_color", "rd_textures")
) -> Figure:
    r"""Confusion matrices side by side: rows are the true classes, numbers are shares of a row."""
    names = CLASS_NAMES[target]
    with style():
        size = (0.6 * len(names) * len(settings) + 2.2, 0.42 * len(names) + 1.5)
        figure, axes = plt.subplots(1, len(settings), figsize=size, layout="constrained")
    for ax, setting in zip(np.atleast_1d(axes), settings, strict=True):
        matrix(
            confusion(results[setting, target]),
            names,
            names,
            ax,
            title=RENDERINGS.get(setting, setting),
            xlabel="read as",
            fmt=".1f",
        )
    for ax in np.atleast_1d(axes)[1:]:
        ax.set_yticks([])
    np.atleast_1d(axes)[0].set_ylabel("shown")
    return figure


def saliency_sheet(
    pictures: Mapping[str, np.ndarray], heats: Mapping[str, np.ndarray], row_labels: Sequence[str]
) -> Axes:
    r"""A column a setting, a row an expression: where covering the picture costs the classifier most.

    Each picture has full red at its own worst square; what that square costs (median) stands above the
    column.

    Args:
        pictures: setting → (T, 3, S, S) uint8. heats: setting → (T, h, w) from :func:`occlusion_map`.
    """
    sheet = [[heat_over(pictures[s][t], h[t], h[t].max()) for s, h in heats.items()]
             for t in range(len(row_labels))]  # fmt: skip
    columns = [f"{RENDERINGS.get(s, s)}\n{np.median(h.max((1, 2))):.2f} nats" for s, h in heats.items()]
    return contact_sheet(sheet, row_labels, columns)


def resolution_curve(
    resolution: Mapping[int, Sequence[float]],
    noise: Mapping[float, Sequence[float]],
    texture: Sequence[float],
    moderate: Sequence[float],
    whole: Sequence[float],
    target: str,
    axes: Sequence[Axes] | None = None,
) -> Sequence[Axes]:
    r"""Footnote 1: cross-entropy against the mesh's resolution (left) and the reconstruction's noise (right).

    Args:
        resolution: vertices → cross-entropy of every fold. noise: standard deviations → the same.
        texture: of the group with texture, drawn as a line with its interval. moderate: of "Rd w/o
            color". whole: of the surface with all that moved, not only what 64 numbers follow.
    """
    if axes is None:
        with style():
            _, axes = plt.subplots(1, 2, figsize=(9.0, 3.3), sharey=True)
    for ax, sweep in zip(axes, (resolution, noise), strict=True):
        x = list(sweep)
        bands = np.array([interval(sweep[k]) for k in x])
        ax.fill_between(x, np.maximum(bands[:, 0], 0), bands[:, 1], color=WITHOUT_COLOR, alpha=0.15, lw=0)
        ax.plot(x, [np.mean(sweep[k]) for k in x], "o-", color=WITHOUT_COLOR)
        ax.axhline(np.mean(texture), color=WITH_COLOR, lw=1.8)
        low, high = interval(texture)
        ax.axhspan(max(low, 0), high, color=WITH_COLOR, alpha=0.12, lw=0)
    left, right = axes
    left.axhline(np.mean(moderate), color=WITHOUT_COLOR, ls="--", lw=1.2)
    left.axhline(np.mean(whole), color="#555555", ls=":", lw=1.2)
    left.set_xscale("log")
    left.set_xticks(list(resolution), [f"{n:,}" for n in resolution], fontsize=8)
    left.minorticks_off()
    left.set(
        xlabel="vertices of the scan (finer to the right)",
        ylabel=f"cross-entropy of the {target}, nats",
        ylim=(0, None),
    )
    left.set_title("3DMM geometry with the skin's true folds, no colour", fontsize=10)
    right.set(xlabel="error of the 64 numbers, σ (worse to the right)")
    right.set_title("3DMM geometry, no colour", fontsize=10)
    for y, text, color, where in (
        (np.mean(texture), "with texture", WITH_COLOR, right),
        (np.mean(moderate), "Rd w/o color", WITHOUT_COLOR, left),
        (np.mean(whole), "all that moved, scanned", "#555555", left),
    ):
        place = {"xycoords": ("axes fraction", "data"), "xytext": (0, 3), "textcoords": "offset points"}
        where.annotate(text, (0.98, y), **place, ha="right", va="bottom", fontsize=8.5, color=color)
    return axes
