r"""Pictures of the perceptual study beside figure 6: what a clip shows, why s shrinks, how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from dnt_core.plotting import EXPRESSION_COLORS, contact_sheet
from dnt_core.studies.perceptual_study.orders import order_matrix
from dnt_core.studies.perceptual_study.score import mean_order_matrix, score

PAPER = 16  # observers in the paper


def plot_measured(ax: Axes, table: pd.DataFrame, title: str = "") -> Axes:
    r"""Measured over asked intensity, a line for each group and a colour for each expression.

    Args:
        table: columns ``group, expression, intensity, measured``.
    """
    ax.plot([0, 1], [0, 1], color="0.25", lw=1.2, zorder=1)
    seen = set()
    for (_, expression), rows in table.groupby(["group", "expression"], sort=False):
        rows = rows.sort_values("intensity")
        label = None if expression in seen else expression
        seen.add(expression)
        ax.plot(
            rows["intensity"], rows["measured"], "o-", ms=3.5, lw=1, alpha=0.85,
            color=EXPRESSION_COLORS[expression], label=label,
        )  # fmt: skip
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="intensity asked for", ylabel="intensity measured")
    ax.set_aspect("equal")
    ax.set_title(title)
    return ax


def clip_sheet(table: pd.DataFrame, pictures: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    r"""The clips of a study: a row an expression, the groups of the identities side by side, weakest first.

    Args:
        table: columns ``identity, expression, clip, intensity``; the intensity is written into the picture.
        pictures: clip name → one picture, all of one size, as ``dnt_core.plotting.to_display`` takes it.
    """
    ordered = table.sort_values("intensity")
    expressions, identities = table["expression"].unique(), table["identity"].unique()
    groups = {key: rows for key, rows in ordered.groupby(["expression", "identity"])}
    rows = [pd.concat([groups[e, i] for i in identities if (e, i) in groups]) for e in expressions]
    side = next(iter(pictures.values())).shape[-2]
    ax = contact_sheet([[pictures[c] for c in row["clip"]] for row in rows], list(expressions), ax=ax, gap=0)
    dark = [withStroke(linewidth=1.6, foreground="#222222")]
    for r, row in enumerate(rows):
        for c, x in enumerate(row["intensity"]):
            at = ((c + 0.05) * side, (r + 0.96) * side)
            ax.text(*at, f"{x:.2f}", fontsize=9, color="white", va="bottom", path_effects=dark)
    places = rows[0].reset_index(drop=True).groupby("identity", sort=False).groups
    ax.xaxis.tick_top()
    ax.set_xticks([(np.mean(at) + 0.5) * side for at in places.values()], list(places))
    return ax


def permutation_plane(intensity: np.ndarray, values: np.ndarray) -> np.ndarray:
    r"""Rearrangements of three intensities, or their means, in the plane they all lie in.

    Args:
        intensity: x (3,), increasing.
        values: (..., 3) with mean x̄.

    Returns:
        (..., 2) in units of \|x − x̄\|: the first coordinate points to x itself, so that x is (1, 0), any
        rearrangement lies on the unit circle, and the first coordinate of s is its slope against x.
    """
    x = np.asarray(intensity, dtype=float)
    if x.shape != (3,):
        raise ValueError(f"three intensities span a plane about their mean; got {x.shape}")
    towards = (x - x.mean()) / np.linalg.norm(x - x.mean())
    across = np.cross(np.ones(3) / np.sqrt(3), towards)
    return (np.asarray(values) - x.mean()) @ np.stack([towards, across]).T / np.linalg.norm(x - x.mean())


def plot_permutations(ax: Axes, intensity: np.ndarray, places: np.ndarray) -> Axes:
    r"""Why s is shorter than x: orders lie on a circle about the mean, and s is *their* mean.

    Args:
        intensity: x (3,), increasing.
        places: (k, 3) place in 1 … 3 of each clip, a row an observer.
    """
    places = np.asarray(places)
    angle = np.linspace(0, 2 * np.pi, 200)
    ax.plot(np.cos(angle), np.sin(angle), color="0.8", lw=1)
    for order in permutations((1, 2, 3)):
        at = permutation_plane(intensity, score(order_matrix(order), intensity))
        n = int((places == order).all(axis=1).sum())
        ax.scatter(*at, s=18 + 34 * n, color="C0" if n else "white", edgecolor="C0", zorder=3)
        name = "".join("ABC"[i] for i in np.argsort(order))
        side = {-1: "right", 0: "center", 1: "left"}[int(np.round(1.3 * at[0]))]
        ax.annotate(f"{name} × {n}", 1.15 * at, ha=side, va="center", fontsize=8.5)
    s = permutation_plane(intensity, score(mean_order_matrix(order_matrix(places)), intensity))
    ax.annotate("", s, (0, 0), arrowprops={"arrowstyle": "-|>", "color": "C1", "lw": 2})
    below = -1 if s[1] < 0 else 1
    ax.annotate("$s$", s, (-12, 8 * below - 4), textcoords="offset points", color="C1", fontsize=12)
    ax.plot([s[0]] * 2, [s[1], 0], color="C1", lw=1, ls=":")
    ax.plot([0, 1], [0, 0], color="0.25", lw=1.2, zorder=1)
    ax.annotate("$x$", (1, 0), (-18, -9 * below - 3), textcoords="offset points", fontsize=12)
    ax.scatter(0, 0, s=22, color="0.5", zorder=3)
    ax.annotate(
        r"$\bar x$: all guess",
        (0, 0),
        (-6, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=8,
    )
    ax.set(xlim=(-1.7, 1.9), ylim=(-1.45, 1.45), xticks=[], yticks=[])
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_title(f"{len(places)} orders of three clips: slope {s[0]:.2f}")
    return ax


def plot_widths(ax: Axes, ks: Sequence[int], widths: Mapping[str, Sequence[float]], title: str = "") -> Axes:
    r"""Width of the 95 % interval of a clip's score over the number of observers, a line a study.

    Args:
        ks: numbers of observers. widths: name of a study → width at each.
        title: over the names; who the observers are.
    """
    for name, values in widths.items():
        ax.loglog(ks, values, "o-", ms=4, label=name, base=2)
    low, high = ax.get_ylim()
    ax.axvline(PAPER, color="0.6", lw=1, ls=":")
    ax.annotate(f"the paper's k = {PAPER}", (PAPER, low), (4, 4), textcoords="offset points", fontsize=8)
    ax.set_xticks(list(ks), [str(k) for k in ks])
    ticks = [t for t in (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4) if low <= t <= high]
    ax.set_yticks(ticks, [f"{t:g}" for t in ticks])
    ax.set(xlabel="observers k", ylabel="width of the interval of $s$", ylim=(low, high))
    ax.minorticks_off()
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), title=title, alignment="left")
    return ax
