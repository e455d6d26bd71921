r"""Table 2 and figure 7 as pictures, and what a decibel costs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from dnt_core.studies.table2.methods import LABELS
from dnt_core.studies.table2.results import ORDER, PAPER, Table2
from dnt_core.studies.table2.row import LABELS as METRIC_LABELS
from dnt_core.studies.table2.row import METRICS
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.training.face_crops import crop_window

OURS, RIVALS, TRIVIAL_COLOR = "#0b6e4f", "#3b5b92", "#999999"
#: Figure 7's faces: which of the test clips, by expression and level, at which share of the clip.
FACES = (("angry", 3, 0.30), ("happy", 3, 0.45), ("sad", 2, 0.40), ("surprised", 3, 0.60))


def plot_table(table: Table2, methods: Sequence[str]) -> Figure:
    r"""A panel per metric: each method's mean with its interval, and a small mark per seed.

    Args:
        table: what was measured.
        methods: rows from top to bottom; those that were not measured are left out.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(METRICS), figsize=(12.5, 0.34 * len(methods) + 1.3), sharey=True)
    shown = [m for m in methods if m in table.rows]
    for ax, metric in zip(axes, METRICS, strict=True):
        _panel(ax, table, metric, shown)
    axes[0].set_yticks(range(len(shown)), [LABELS[m] for m in shown])
    axes[0].set_ylim(len(shown) - 0.4, -0.6)
    return figure


def _panel(ax: Axes, table: Table2, metric: str, methods: Sequence[str]) -> None:
    for place, method in enumerate(methods):
        if not table.has(method, metric):
            continue
        x = table.interval(method, metric)
        color = OURS if method == "ours" else RIVALS if method in ORDER else TRIVIAL_COLOR
        ax.plot([x.low, x.high], [place, place], color=color, lw=2, solid_capstyle="butt")
        ax.plot(x.mean, place, "o", color=color, ms=5)
        seeds = np.nanmean(table.rows[method][metric], 1)
        if len(seeds) > 1:
            ax.plot(seeds, np.full(len(seeds), place + 0.25), "|", color=color, ms=5)
    if metric == "css" and "css" in table.film and not np.isnan(table.film["css"]).all():
        ax.axvline(table.film_interval("css").mean, color="k", lw=0.8, ls=":")
    arrow = "→" if METRICS[metric] else "←"
    ax.set_title(f"{METRIC_LABELS[metric]} {arrow}", fontsize=9)
    ax.grid(axis="x", lw=0.3)
    ax.tick_params(labelsize=8)


def plot_ranks(ax: Axes, table: Table2, methods: Sequence[str] = ORDER) -> Axes:
    r"""The paper's ranks against ours, a point per method and metric, both among the methods measured."""
    there = [m for m in methods if m in table.rows and m in PAPER]
    rng = np.random.default_rng(0)
    for number, metric in enumerate(METRICS):
        mine = table.rank(metric, there)
        sign = -1 if METRICS[metric] else 1
        theirs = {m: 1 + sum(sign * PAPER[o][number] < sign * PAPER[m][number] for o in mine) for m in mine}
        jitter = rng.uniform(-0.16, 0.16, (2, len(mine)))
        ax.plot(
            np.array([theirs[m] for m in mine]) + jitter[0], np.array(list(mine.values())) + jitter[1], "o",
            ms=4, label=METRIC_LABELS[metric],
        )  # fmt: skip
    ends = (0.5, len(there) + 0.5)
    ax.plot(ends, ends, color="#888888", lw=0.8, ls="--", zorder=0)
    ax.set(xlabel="rank in the paper", ylabel="rank here", xlim=ends, ylim=ends, aspect="equal")
    ax.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def plot_cost(ax: Axes, table: Table2, cost: Mapping[str, Mapping[str, float]]) -> Axes:
    r"""PSNR against milliseconds per frame.

    Args:
        cost: method → ``ms``, ``gflop``, ``parameters``.
    """
    markers = itertools.cycle("os^vDPX*<>ph")
    for method, numbers in cost.items():
        if not table.has(method, "psnr"):
            continue
        y = table.interval(method, "psnr")
        color = OURS if method == "ours" else RIVALS if method in ORDER else TRIVIAL_COLOR
        ax.plot([numbers["ms"]] * 2, [y.low, y.high], color=color, lw=1.2)
        ax.plot(numbers["ms"], y.mean, next(markers), color=color, ms=6, mfc="none", label=LABELS[method])
    ax.set(xlabel="CPU ms per frame, one thread", ylabel="PSNR, dB", xlim=(0, None))
    ax.legend(fontsize=7)
    return ax


def figure7(
    clips: TestClips, methods: Mapping[str, Method], faces: Sequence[tuple[str, int, float]] = FACES
) -> dict[str, list[Tensor]]:
    r"""The same faces by every method, cut alike.

    Returns:
        "film" and every method → one crop (3, h, w) per face.

    Raises:
        ValueError: a face that is not among the test clips.
    """
    found: dict[str, list[Tensor]] = {"film": [], **{name: [] for name in methods}}
    for expression, level, share in faces:
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


def plot_figure7(
    crops: Mapping[str, Sequence[Tensor]], faces: Sequence[tuple[str, int, float]] = FACES
) -> Figure:
    r"""Crops of :func:`figure7`, a column per method and a row per face."""
    import matplotlib.pyplot as plt

    count = len(next(iter(crops.values())))
    figure, axes = plt.subplots(count, len(crops), figsize=(1.35 * len(crops), 1.95 * count), squeeze=False)
    for column, (name, pictures) in enumerate(crops.items()):
        for row, picture in enumerate(pictures):
            ax = axes[row, column]
            ax.imshow(picture.permute(1, 2, 0).numpy(), interpolation="nearest")
            ax.set(xticks=[], yticks=[])
            if column == 0:
                ax.set_ylabel(f"{faces[row][0]} {faces[row][1]}", fontsize=8)
        axes[0, column].set_title(LABELS.get(name, name), fontsize=8)
    return figure
