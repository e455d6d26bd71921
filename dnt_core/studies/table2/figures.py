r"""Table 2 and figure 7 as pictures, and what a decibel costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from torch import Tensor

from dnt_core.studies.table2.methods import LABELS
from dnt_core.studies.table2.results import ORDER, PAPER, Table2
from dnt_core.studies.table2.row import LABELS as METRIC_LABELS
from dnt_core.studies.table2.row import METRICS, UNITS
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.training.face_crops import crop_window

OURS, RIVALS, TRIVIAL_COLOR = "#0b6e4f", "#3b5b92", "#999999"
LEADS, TRAILS = "#0b6e4f", "#c0392b"
LABEL_SIDE = {"without_ts": "right", "without_dnt": "center"}  # the side of the label that is at the dot
LEADER = {"arrowstyle": "-", "color": RIVALS, "lw": 0.8}  # from a label that is away from its dot
LABEL_DOWN = {"ours": 8, "without_dnt": 21, "copied_frame": 6, "neighbouring_levels": -5}  # points
PARTS = ("without_dnt", "without_denet", "without_ts")
#: Figure 7's faces: which of the test clips, by expression and level, at which share of the clip.
FACES = (("angry", 3, 0.30), ("happy", 3, 0.45), ("sad", 2, 0.40), ("surprised", 3, 0.60))


def plot_table(table: Table2, methods: Sequence[str]) -> Figure:
    r"""A panel per metric: each method's mean with its interval, and a small mark per seed.

    With more than ours and its ablations the cross-entropies have logarithmic axes, as good and bad methods
    lie a hundred times apart, and what the film itself gets has a line.

    Args:
        table: what was measured.
        methods: rows from top to bottom; those that were not measured are left out.
    """
    import matplotlib.pyplot as plt

    shown = [m for m in methods if m in table.rows]
    figure, axes = plt.subplots(2, 3, figsize=(9.2, 0.44 * len(shown) + 2.2), sharey=True)
    for ax, metric in zip(axes.flat, METRICS, strict=True):
        _panel(ax, table, metric, shown)
        ax.set_yticks(range(len(shown)), [LABELS[m] for m in shown])
        ax.set_ylim(len(shown) - 0.4, -0.6)
    groups = {"ours": OURS, "what the paper compares with": RIVALS, "trivial": TRIVIAL_COLOR}
    colors = {_color(m) for m in shown}
    handles = [
        Line2D([], [], color=c, marker="o", lw=2, label=name) for name, c in groups.items() if c in colors
    ]
    handles.append(Line2D([], [], color="#555555", marker="|", lw=0, label="one seed"))
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure


def _panel(ax: Axes, table: Table2, metric: str, methods: Sequence[str]) -> None:
    for place, method in enumerate(methods):
        if not table.has(method, metric):
            continue
        x = table.interval(method, metric)
        color = _color(method)
        ax.plot([x.low, x.high], [place, place], color=color, lw=2, solid_capstyle="butt")
        ax.plot(x.mean, place, "o", color=color, ms=5)
        seeds = np.nanmean(table.rows[method][metric], 1)
        if len(seeds) > 1:
            ax.plot(seeds, np.full(len(seeds), place + 0.32), "|", color=color, ms=6, mew=1.2)
    wide = any(m not in ("ours", *PARTS) for m in methods)  # else the film would be far outside
    if wide and metric in table.film and not np.isnan(table.film[metric]).all():
        film = table.film_interval(metric).mean
        ax.axvline(film, color="k", lw=0.8, ls=":")
        ax.text(film, -0.5, "film ", fontsize=8, ha="right", va="top")
    if wide and metric.startswith("ce_"):
        ax.set_xscale("log")
        ax.set_xlim(0.7 * min(table.interval(m, metric).low for m in methods if table.has(m, metric)), 20)
        ax.set_xticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    else:
        ax.locator_params(axis="x", nbins=5)
    better = "higher is better →" if METRICS[metric] else "← lower is better"
    ax.set_title(_heading(metric), fontsize=9.5)
    ax.set_title(better, fontsize=8, loc="right", fontweight="normal")
    ax.grid(axis="x", lw=0.3)
    ax.tick_params(labelsize=8.5)


def _color(method: str) -> str:
    return OURS if method == "ours" else RIVALS if method in ORDER else TRIVIAL_COLOR


def plot_differences(table: Table2, claimed: Sequence[tuple[str, str]]) -> Figure:
    r"""By how much ours leads each ablation, on the same clips, with the interval of that lead.

    Right of zero ours is better, in every panel. Green: the whole interval lies there; red: all of it lies
    left of zero; grey: zero is inside.

    Args:
        table: what was measured.
        claimed: (metric, rival) of the paper's claims; their marks are filled, the others hollow.
    """
    import matplotlib.pyplot as plt

    shown = [m for m in PARTS if m in table.rows]
    figure, axes = plt.subplots(2, 3, figsize=(9.6, 4.6), sharey=True)
    for ax, metric in zip(axes.flat, METRICS, strict=True):
        for place, rival in enumerate(shown):
            mean, low, high = table.lead("ours", rival, metric)
            color = LEADS if low > 0 else TRAILS if high < 0 else TRIVIAL_COLOR
            ax.plot([low, high], [place, place], color=color, lw=2.4, solid_capstyle="butt")
            ax.plot(mean, place, "o", color=color, ms=6, mfc=color if (metric, rival) in claimed else "white")
        ax.axvline(0, color="#333333", lw=0.8)
        ax.set_ylim(len(shown) - 0.4, -0.6)
        ax.set_yticks(range(len(shown)), [LABELS[m] for m in shown])
        ax.tick_params(labelsize=8.5)
        ax.grid(visible=False)
        ax.locator_params(axis="x", nbins=5)
        ax.xaxis.set_major_formatter("{x:g}")
        ax.set_title(_heading(metric), fontsize=9.5)
    figure.supxlabel("lead of ours over the method of the row (right of zero: ours is better)", fontsize=9)
    words = {"ours clearly leads": LEADS, "ours clearly trails": TRAILS, "cannot be told": TRIVIAL_COLOR}
    handles = [Line2D([], [], color=color, lw=2.4, label=word) for word, color in words.items()]
    for word, face in (("claimed by the paper", "#555555"), ("not claimed", "white")):
        handles.append(Line2D([], [], color="#555555", lw=0, marker="o", mfc=face, label=word))
    figure.legend(handles=handles, loc="outside lower center", ncols=5, fontsize=7.5, columnspacing=1.2)
    return figure


def _heading(metric: str) -> str:
    return ", ".join([METRIC_LABELS[metric], *filter(None, [UNITS.get(metric)])])


def rank_pairs(table: Table2, metric: str) -> dict[str, tuple[int, int]]:
    r"""Method → (rank in the paper, rank here), 1 for the best, both among the methods that were measured."""
    there = [m for m in ORDER if table.has(m, metric)]
    mine, number = table.rank(metric, there), list(METRICS).index(metric)
    sign = -1 if METRICS[metric] else 1
    theirs = {m: 1 + sum(sign * PAPER[o][number] < sign * PAPER[m][number] for o in there) for m in there}
    return {m: (theirs[m], mine[m]) for m in there}


def plot_cost(ax: Axes, table: Table2, cost: Mapping[str, Mapping[str, float]]) -> Axes:
    r"""PSNR against milliseconds per frame.

    Args:
        cost: method → ``ms``, ``gflop``, ``parameters``.
    """
    for method, numbers in cost.items():
        if not table.has(method, "psnr"):
            continue
        y = table.interval(method, "psnr")
        color = _color(method)
        ax.plot([numbers["ms"]] * 2, [y.low, y.high], color=color, lw=1.2)
        ax.plot(numbers["ms"], y.mean, "o", color=color, ms=5)
        side = LABEL_SIDE.get(method, "left")
        away = {"left": 7, "center": 0, "right": -7}[side], -LABEL_DOWN.get(method, 0)
        ax.annotate(
            LABELS[method], (numbers["ms"], y.mean), xytext=away, textcoords="offset points", fontsize=8.5,
            color=color, va="center", ha=side, arrowprops=LEADER if method == "without_dnt" else None,
        )  # fmt: skip
    ends = 0, 1.15 * max(numbers["ms"] for numbers in cost.values())
    ax.set(xlabel="CPU ms per frame, one thread", ylabel="PSNR, dB", xlim=ends)
    return ax


def figure7(clips: TestClips, methods: Mapping[str, Method]) -> dict[str, list[Tensor]]:
    r"""The same faces by every method, cut alike.

    Returns:
        "film" and every method → one crop (3, h, w) per face.

    Raises:
        ValueError: a face that is not among the test clips.
    """
    found: dict[str, list[Tensor]] = {"film": [], **{name: [] for name in methods}}
    for expression, level, share in FACES:
        fits = [
            i for i, clip in enumerate(clips.clips)
            if clip.expression == expression and abs(3 * clip.intensity - level) < 0.05
        ]  # fmt: skip
        if not fits:
            raise ValueError(f"there is no test clip of {expression} at level {level}")
        rows = clips.rows(fits[0])
        row = [rows[int(share * (len(rows) - 1))]]
        true = clips.decoupled.batch(row)
        window = crop_window(true)
        found["film"].append(window.cut(true.target)[0])
        for name, method in methods.items():
            with torch.no_grad():
                made = method.draw(clips.data(method.decoupled).batch(row)).clamp(0, 1)
            found[name].append(window.cut(made)[0])
    return found


def plot_figure7(crops: Mapping[str, Sequence[Tensor]]) -> Figure:
    r"""Crops of :func:`figure7`, a column per method and a row per face."""
    import matplotlib.pyplot as plt

    count = len(next(iter(crops.values())))
    figure, axes = plt.subplots(count, len(crops), figsize=(1.4 * len(crops), 2.0 * count), squeeze=False)
    for column, (name, pictures) in enumerate(crops.items()):
        for row, picture in enumerate(pictures):
            ax = axes[row, column]
            ax.imshow(picture.permute(1, 2, 0).numpy(), interpolation="nearest")
            ax.set(xticks=[], yticks=[])
            if column == 0:
                ax.set_ylabel(f"{FACES[row][0]} {FACES[row][1]}", fontsize=10)
        axes[0, column].set_title(LABELS.get(name, name), fontsize=10)
    return figure
