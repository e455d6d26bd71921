r"""The study's figures: the price of λ2, a mouth over time, and what is given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from dnt_core.metrics import lip_metrics
from dnt_core.plotting import EXPRESSION_COLORS
from dnt_core.studies.decoupling.baselines import Decoupler
from dnt_core.studies.decoupling.neutrality import CHANCE
from dnt_core.studies.decoupling.report import DecouplingStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BEFORE, _AFTER, _SPEECH = "#C8443C", "#1F6FB2", "#8A8A8A"


def plot_tradeoff(
    ax: Axes,
    curves: Mapping[str, Sequence[Mapping[str, float]]],
    accuracy_before: float,
    marked: float = 50_000,
) -> Axes:
    r"""Fresh-classifier accuracy against lip error, one curve a way of training; down and left is better.

    Args:
        curves: name → rows of ``tradeoff``; the point with λ2 = ``marked`` gets a ring, and rows without
            ``lambda2`` (one who knows) a dashed line. The first curve's points are labelled up to ``marked``.
    """
    for number, (name, rows) in enumerate(curves.items()):
        rows = sorted(rows, key=lambda row: row["lip_error_mm"])
        x, y = [r["lip_error_mm"] for r in rows], [r["accuracy_fresh"] for r in rows]
        known = "lambda2" not in rows[0]
        (line,) = ax.plot(x, y, "--" if known else "o-", color=_SPEECH if known else None, ms=4, label=name)
        for row in rows if not known else ():
            at = (row["lip_error_mm"], row["accuracy_fresh"])
            if row["lambda2"] == marked:
                ax.plot(*at, "o", ms=12, mfc="none", mec=line.get_color(), mew=1.6)
            crowded = row["lambda2"] > marked or (number > 0 and row["lambda2"] > 0)
            if not crowded:
                ax.annotate(f"λ2 = {_power(row['lambda2'])}", at, xytext=(8, 6), textcoords="offset points",
                            fontsize=7.5, color=line.get_color())  # fmt: skip
    half = (accuracy_before + CHANCE) / 2
    for value, text in ((accuracy_before, "undecoupled"), (half, "half-way"), (CHANCE, "chance")):
        ax.axhline(value, color="#BBBBBB", lw=0.8, zorder=0)
        ax.annotate(text, (1, value), xycoords=("axes fraction", "data"), xytext=(-2, 2),
                    textcoords="offset points", ha="right", fontsize=7.5, color="#777777")  # fmt: skip
    ax.set(xlabel="lip error, mm (lips change more →)", ylabel="fresh classifier's accuracy", ylim=(0, 1.05))
    ax.set_xlim(left=-0.05)
    ax.legend(fontsize=8, loc="lower left", bbox_to_anchor=(0.0, 0.16))
    return ax


def plot_opening(
    ax: Axes, study: DecouplingStudy, decoupler: Decoupler, clip: int, fps: float = 30.0
) -> Axes:
    r"""How far the lips part over one test clip: before, after and, where known, the speech alone."""
    frames = study.test.at(study.test.clip == clip)
    with torch.inference_mode():
        curves = {"before": (frames.expression, _BEFORE), "after": (decoupler(frames.expression), _AFTER)}
    if frames.speech is not None:
        curves["speech alone"] = (frames.speech, _SPEECH)
    time = np.arange(len(frames)) / fps
    for name, (expression, color) in curves.items():
        opening = lip_metrics.lip_opening_mm(study.mouth(expression)).numpy(force=True)
        ax.plot(time, opening, color=color, label=name, lw=1.4)
    if frames.closed is not None:
        for at in time[frames.closed.numpy()]:
            ax.axvspan(at - 0.5 / fps, at + 0.5 / fps, color="#F2E6C9", lw=0, zorder=0)
    label = study.test.clips[clip]
    ax.set(xlabel="time, s", ylabel="lips apart, mm", title=f"{label.expression}, level {label.level}")
    ax.legend(fontsize=7.5, ncols=3, loc="upper right")
    return ax


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


def _power(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\u2009")
