r"""Figure 6: score s against intensity x, a colour for each expression, a shape for each identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dnt_core.ciec import CIEC_TYPES
from dnt_core.plotting import EXPRESSION_COLORS, style
from dnt_core.studies.perceptual_study.crema_d import ATTRIBUTION
from dnt_core.studies.perceptual_study.observers import is_simulated
from dnt_core.studies.perceptual_study.orders import GroupOrders
from dnt_core.studies.perceptual_study.score import group_score, summarise

MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")


def figure6(
    ax: Axes,
    groups: Sequence[GroupOrders],
    intervals: Sequence[np.ndarray] | None = None,
    title: str | None = None,
    shape_of: str = "identity",
    spread: float = 0.0,
    legend: bool = True,
    join: bool = False,
) -> Axes:
    r"""Draw s over x with the lines y = x and chance, and the slope within groups; returns ``ax``.

    Guessing gives each clip the mean x of its own group; the line of chance is drawn at the mean of all.

    Args:
        groups: with their orders. If any observer is simulated, the figure says "simulated observers".
        intervals: for each group (2, m) low and high of s, drawn as thin bars.
        title: above the axes.
        shape_of: what ``identity`` means, for the legend; ``"modality"`` for CREMA-D, whose name and licence
            are then written into the axes.
        spread: moves groups apart sideways by up to this much where all have the same x; 0 leaves them on
            x.
        legend: whether to draw it, right of the axes.
        join: whether a thin line joins the clips of each group.
    """
    if not groups:
        raise ValueError("figure 6 needs at least one group of clips")
    identities = sorted({g.identity for g in groups})
    summary = summarise(groups)
    ax.plot([0, 1], [0, 1], color="0.25", lw=1.2, zorder=1)
    x = np.concatenate([g.intensity for g in groups])
    ends = np.array([0.0, 1.0])
    ax.plot(ends, [x.mean()] * 2, color="0.5", lw=1.2, ls=(0, (1, 2)), zorder=1)
    ax.plot(ends, x.mean() + summary.slope * (ends - x.mean()), color="0.25", lw=1, ls="--", zorder=1)
    offsets = np.linspace(-spread, spread, len(groups)) if len(groups) > 1 else [0.0]
    for i, g in enumerate(groups):
        s = group_score(g)
        color = EXPRESSION_COLORS[g.expression]
        marker = MARKERS[identities.index(g.identity) % len(MARKERS)]
        at = g.intensity + offsets[i]
        if intervals is not None:
            ax.vlines(at, *intervals[i], color=color, lw=0.8, alpha=0.45, zorder=2)
        if join:
            ax.plot(at, s, color=color, lw=0.9, alpha=0.6, zorder=2)
        ax.scatter(at, s, s=30, color=color, marker=marker, edgecolor="white", linewidth=0.5, zorder=3)
    ax.set(
        xlim=(-0.03 - spread, 1.03 + spread),
        ylim=(-0.03, 1.03),
        xlabel="intensity $x$",
        ylabel="perceived score $s = Mx$",
    )
    ax.set_aspect("equal")
    ax.set_title(title or "", fontsize="medium")
    simulated = [is_simulated([o]) for g in groups for o in g.observers]
    who = f"{'simulated ' * all(simulated)}observer{'s' * (summary.observers != 1)}"
    if any(simulated) and not all(simulated):
        who = "observers, some of them simulated observers"
    if shape_of == "modality":
        who = "actors, judged by a crowd"
    ax.text(0.03, 0.97, f"{summary.observers} {who}", transform=ax.transAxes, va="top", weight="bold")
    numbers = f"slope {summary.slope:z.2f}   RMSE {summary.rmse:.3f}   τ {summary.tau:z.2f}"
    ax.text(0.03, 0.915, numbers, transform=ax.transAxes, va="top", fontsize="small")
    if shape_of == "modality":
        ax.text(0.03, 0.87, ATTRIBUTION, transform=ax.transAxes, va="top", fontsize="x-small", color="0.4")
    if legend:
        _legend(ax, [e for e in CIEC_TYPES if any(g.expression == e for g in groups)], identities, shape_of)
    return ax


def figure6_picture(groups: Sequence[GroupOrders], **options: Any) -> np.ndarray:
    r"""Figure 6 as a picture (H, W, 3) uint8, for a widget; ``options`` go to :func:`figure6`. Any thread."""
    with style():
        figure = Figure(figsize=(6.6, 4.6), dpi=100, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        figure6(figure.subplots(), groups, **options)
        canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _legend(ax: Axes, expressions: list[str], identities: list[str], shape_of: str) -> None:
    def dot(color: str, marker: str, label: str) -> Line2D:
        return Line2D([], [], color=color, marker=marker, ls="", ms=6, label=label)

    lines = [
        Line2D([], [], color="0.25", lw=1.2, label="$y = x$"),
        Line2D([], [], color="0.25", lw=1, ls="--", label="slope within groups"),
        Line2D([], [], color="0.5", lw=1.2, ls=(0, (1, 2)), label="chance: all guess"),
    ]
    colors = [dot(EXPRESSION_COLORS[e], "o", e) for e in expressions]
    shapes = [dot("0.35", MARKERS[i % len(MARKERS)], name) for i, name in enumerate(identities)]
    upper = ax.legend(
        handles=colors,
        title="expression",
        alignment="left",
        loc="upper left",
        bbox_to_anchor=(1.01, 1.02),
        frameon=False,
        fontsize="small",
    )
    ax.add_artist(upper)
    ax.legend(
        handles=shapes + lines,
        title=shape_of,
        alignment="left",
        loc="lower left",
        bbox_to_anchor=(1.01, -0.02),
        frameon=False,
        fontsize="small",
    )
