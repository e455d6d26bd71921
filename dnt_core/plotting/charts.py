r"""Numbers: curves with their names at their ends, the paper's beside ours, matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dnt_core.plotting.style import EXPRESSION_COLORS, bare, new_axes, to_numpy

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def curve(
    x: Any,
    ys: Any,
    ax: Axes | None = None,
    *,
    xlabel: str = "",
    ylabel: str = "",
    title: str | None = None,
    log: bool = False,
    colors: Mapping[str, str] | None = None,
) -> Axes:
    r"""Draw one curve, or several with names written at their right ends instead of in a box.

    Args:
        x: ``(N,)``.
        ys: ``(N,)``, or mapping name → ``(N,)``.
        ax: where to draw; None makes a figure.
        xlabel: name of the x axis, with its unit.
        ylabel: name of the y axis, with its unit.
        title: above the axes, or None.
        log: a logarithmic y axis.
        colors: mapping name → colour; expression names have theirs.
    """
    ax = ax or new_axes((5.2, 3.0))
    named = ys if isinstance(ys, Mapping) else {"": ys}
    ends = []
    for name, y in named.items():
        color = {**EXPRESSION_COLORS, **(colors or {})}.get(name)
        (line,) = ax.plot(to_numpy(x), to_numpy(y), color=color)
        ends.append((float(to_numpy(y)[-1]), name, line.get_color()))
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if title:
        ax.set_title(title)
    if len(named) > 1:
        _label_ends(ax, float(to_numpy(x)[-1]), ends)
    return ax


def matrix(
    values: Any,
    row_labels: Sequence[str],
    col_labels: Sequence[str],
    ax: Axes | None = None,
    *,
    title: str | None = None,
    xlabel: str = "",
    ylabel: str = "",
    fmt: str = ".2f",
) -> Axes:
    r"""Show a matrix (a confusion matrix, the study's M) as shaded cells with their numbers.

    Args:
        values: ``(R, C)``, darker for larger.
        row_labels: R of them.
        col_labels: C of them.
        ax: where to draw; None makes a figure.
        title: above the matrix, or None.
        xlabel: name of the columns.
        ylabel: name of the rows.
        fmt: format of the numbers; ``""`` writes none.

    Raises:
        ValueError: another number of labels than rows or columns.
    """
    values = to_numpy(values)
    if values.shape != (len(row_labels), len(col_labels)):
        raise ValueError(
            f"a matrix of shape {values.shape} with {len(row_labels)} row and {len(col_labels)} column labels"
        )
    ax = ax or new_axes((1.4 + 0.55 * values.shape[1], 1.1 + 0.42 * values.shape[0]))
    ax.imshow(values, cmap="Blues", aspect="auto")
    bare(ax)
    slanted = (
        {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if max(map(len, col_labels)) > 5 else {}
    )
    ax.set_xticks(range(values.shape[1]), col_labels, **slanted)
    ax.set_yticks(range(values.shape[0]), row_labels)
    ax.tick_params(length=0)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (r, c), v in np.ndenumerate(values) if fmt else ():
        ax.text(
            c,
            r,
            format(v, fmt),
            ha="center",
            va="center",
            fontsize=8,
            color="white" if v > middle else "#333333",
        )
    if title:
        ax.set_title(title)
    return ax


def _label_ends(ax: Axes, x_end: float, ends: list[tuple[float, str, str]]) -> None:
    r"""Names at the right ends of curves, moved just enough to keep them apart and off the title; where one
    moves, lines lead from all curves to their names."""
    from scipy.optimize import isotonic_regression

    ax.figure.canvas.draw()
    to_px = ax.transData
    ends, spacing = sorted(ends), 11.0 * ax.figure.dpi / 72
    steps = spacing * np.arange(len(ends))
    wanted = np.array([to_px.transform((x_end, y))[1] for y, _, _ in ends])
    highest = ax.bbox.y1 - spacing / 2 - steps[-1]
    heights = steps + isotonic_regression(wanted - steps).x.clip(max=highest)
    moved = np.abs(heights - wanted).max() > spacing / 4
    for (y, name, color), up_px in zip(ends, heights - wanted, strict=True):
        ax.annotate(
            name,
            (x_end, y),
            xytext=(18 if moved else 5, 72 * up_px / ax.figure.dpi),
            textcoords="offset points",
            va="center",
            color=color,
            fontsize=8.5,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": color, "lw": 0.8, "shrinkA": 0, "shrinkB": 2,
                        "relpos": (0, 0.5)} if moved else None,
        )  # fmt: skip
