r"""The study's figures: the price of λ2, a mouth over time, and what is given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import TYPE_CHECKING

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize, to_hex

from dnt_core.plotting import EXPRESSION_COLORS, contact_sheet, matrix, style
from dnt_core.studies.decoupling.neutrality import CHANCE
from dnt_core.studies.decoupling.rendered_faces import MOST_MM, cropped_to_faces
from dnt_core.training.decoupling_losses import LAMBDA2

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CANNOT_TELL = log(4)  # discriminator's loss when it answers 1/2 to every face: 2 log 2
LEAST_MM = 0.5  # a part that should move by less is not judged
_BEFORE, _AFTER, _SPEECH, _LINEAR = "#C8443C", "#1F6FB2", "#8A8A8A", "#B5652B"


def plot_tradeoff(
    ax: Axes,
    curves: Mapping[str, Sequence[Mapping[str, float]]],
    accuracy_before: float,
    marked: float = 50_000,
) -> Axes:
    r"""Fresh-classifier accuracy against lip error, one curve a way of training; down and left is better.

    Args:
        curves: name → rows of ``tradeoff``; the point with λ2 = ``marked`` gets a ring, and rows without
            ``lambda2`` (one who knows) a dashed line. Each point has its λ2 beside it, the first curve's
            below the curve and the others' above it.
    """
    lines = iter(((":", _LINEAR), ("--", _SPEECH)) * len(curves))
    for number, (name, rows) in enumerate(curves.items()):
        rows = sorted(rows, key=lambda row: row["lip_error_mm"])
        x, y = [r["lip_error_mm"] for r in rows], [r["accuracy_fresh"] for r in rows]
        known = "lambda2" not in rows[0]
        drawn_as, color = next(lines) if known else ("o-", None)
        (line,) = ax.plot(x, y, drawn_as, color=color, ms=4, label=name)
        for row in rows if not known else ():
            at = (row["lip_error_mm"], row["accuracy_fresh"])
            if row["lambda2"] == marked:
                ax.plot(*at, "o", ms=12, mfc="none", mec=line.get_color(), mew=1.6)
        if not known:
            _label_lambda2(ax, rows, to_hex(line.get_color()), below=number == 0)
    half = (accuracy_before + CHANCE) / 2
    lines_at = ((accuracy_before, "undecoupled", 0.5), (half, "half-way", 0), (CHANCE, "chance", 0))
    for value, text, x in lines_at:
        ax.axhline(value, color="#BBBBBB", lw=0.8, zorder=0)
        ax.annotate(text, (x, value), xycoords=("axes fraction", "data"), xytext=(4, 2),
                    textcoords="offset points", fontsize=7.5, color="#777777")  # fmt: skip
    ax.set(xlabel="lip error, mm (lips change more →)", ylabel="fresh classifier's accuracy", ylim=(0, 1.05))
    ax.set_xlim(left=-0.05)
    ax.legend(fontsize=8, loc="lower left", bbox_to_anchor=(0.0, 0.16))
    return ax


def _label_lambda2(ax: Axes, rows: Sequence[Mapping[str, float]], color: str, below: bool) -> None:
    r"""Writes λ2 at each point, rows from left to right; below the curve with thin lines."""
    for number, row in enumerate(rows):
        text = _power(row["lambda2"]) if number else f"λ2 = {_power(row['lambda2'])}"
        at = (row["lip_error_mm"], row["accuracy_fresh"])
        away = (0, (-32 if number % 2 else -50) if number else -64) if below else (2, 8)
        ax.annotate(text, at, xytext=away, fontsize=7.5, color=color, textcoords="offset points",
                    ha="center" if below and number else "left",
                    bbox={"fc": "white", "ec": "none", "alpha": 0.8, "pad": 0.6},
                    arrowprops={"arrowstyle": "-", "lw": 0.5, "color": color} if below else None)  # fmt: skip


def plot_given_up(ax: Axes, shift: Mapping[str, Mapping[str, float]]) -> Axes:
    r"""What the expression does to the lips beyond the speech, before (pale) and after (full), in mm."""
    rows = np.arange(len(shift))
    for name, row in zip(shift, rows, strict=True):
        color = EXPRESSION_COLORS[name]
        ax.barh(row, shift[name]["before"], height=0.7, color=color, alpha=0.3)
        ax.barh(row, shift[name]["after"], height=0.36, color=color)
    ax.set_yticks(rows, list(shift))
    ax.invert_yaxis()
    ax.set(xlabel="lips off the speech, mm (pale: before, full: after)")
    return ax


def plot_losses(
    history: Mapping[str, Sequence[float]],
    title: str = "",
    mean_over: int = 1,
    beside: Mapping[str, Sequence[float]] | None = None,
    saturating: bool = True,
) -> Figure:
    r"""The four losses of a training: pale every step, dark the mean of the steps around.

    Args:
        history: of a training. The mouth's loss is drawn times λ2 = 50000, as it enters equation 5.
        title: above the panels.
        mean_over: steps in the dark curve's mean.
        beside: of another training, its means in grey; not of the adversarial loss, which may be another one.
        saturating: the adversarial loss is log(1 − D); False: it is −log D. The panel's title says so.
    """
    shown = {"discriminator": 1.0, "adversarial": 1.0, "neutral": 1.0, "mouth": LAMBDA2}
    with style():
        figure, axes = plt.subplots(1, 4, figsize=(11, 2.4), layout="constrained")
    for ax, (name, weight) in zip(axes, shown.items(), strict=True):
        values = weight * np.asarray(history[name])
        ax.plot(values, color=_AFTER, lw=0.6, alpha=0.35)
        if beside is not None and name != "adversarial":
            ax.plot(*_running_mean(weight * np.asarray(beside[name]), mean_over), color=_SPEECH, lw=1.6)
        ax.plot(*_running_mean(values, mean_over), color=_AFTER, lw=1.6)
        ax.set(xlabel="step", title=name if weight == 1 else f"λ2 × {name}")
    axes[1].set_title("adversarial: " + ("log(1 − D)" if saturating else "−log D"))
    for ax, level in zip(axes, (CANNOT_TELL, -log(2) if saturating else log(2)), strict=False):
        ax.axhline(level, color=_BEFORE, ls="--", lw=1.2)
    axes[0].set_ylim(0, max(1.1 * CANNOT_TELL, 1.05 * max(history["discriminator"])))
    axes[0].annotate("cannot tell: ln 4", (1, CANNOT_TELL), xycoords=("axes fraction", "data"), ha="right",
                     xytext=(-2, -9), textcoords="offset points", fontsize=8, color=_BEFORE)  # fmt: skip
    if title:
        figure.suptitle(title, fontsize=10.5)
    return figure


def _running_mean(values: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    r"""Places and means of windows of so many steps."""
    means = np.convolve(values, np.ones(steps) / steps, "valid")
    return np.arange(len(means)) + (steps - 1) / 2, means


def faces_sheet(
    names: Sequence[str], rows: Sequence[Sequence[np.ndarray]], columns: Sequence[str], title: str = ""
) -> Axes:
    r"""Faces in rows and columns, cut to the faces so that they are seen large."""
    return contact_sheet(cropped_to_faces(rows), names, columns, title or None)


def changes_sheet(
    names: Sequence[str], rows: Sequence[Sequence[np.ndarray]], columns: Sequence[str], title: str = ""
) -> Axes:
    r"""What :func:`rows_of_changes` gives, with the bar that says what a colour means in millimetres."""
    ax = faces_sheet(names, rows, columns, title)
    colors = matplotlib.colormaps["inferno"](np.linspace(0.12, 1.0, 256))
    scale = ScalarMappable(Normalize(0, MOST_MM), ListedColormap(colors))
    ax.figure.colorbar(scale, ax=ax, extend="max", shrink=0.8, pad=0.02, label="skin moves, mm")
    return ax


def plot_moved_shares(moved: Mapping[str, Mapping[str, tuple[float, ...]]], title: str = "") -> Axes:
    r"""A matrix of the shares of :func:`moved_by_region`; grey and "–" where less than half a millimetre
    should move.

    Blue moves as it should, red the other way; colours end at ±100 %.

    Args:
        moved: expression → part of the face → (mm that should move, share that is moved, …).
        title: above the matrix.
    """
    parts = list(next(iter(moved.values())))
    shares = np.array([[row[part][1] for part in parts] for row in moved.values()])
    judged = np.array([[row[part][0] for part in parts] for row in moved.values()]) >= LEAST_MM
    ax = matrix(np.where(judged, shares, 0.0), list(moved), parts, title=title or None, fmt="")
    ax.images[0].set(data=np.ma.masked_where(~judged, 100 * shares), cmap="RdBu", clim=(-100, 100))
    ax.set_facecolor("#DDDDDD")
    for (r, c), share in np.ndenumerate(shares):
        told = f"{100 * share:.0f} %" if judged[r, c] else "–"
        color = "white" if judged[r, c] and abs(share) > 0.6 else "#333333"
        ax.text(c, r, told, ha="center", va="center", fontsize=8.5, color=color)
    bar = ax.figure.colorbar(ax.images[0], ax=ax, extend="both", shrink=0.9, pad=0.03)
    bar.set_label("share of the right movement, %")
    return ax


def _power(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\u2009")
