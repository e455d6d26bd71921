r"""Table 1 as a figure: ours beside the paper's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from dnt_core.plotting import style
from dnt_core.rendering.five_renderings import RENDERINGS
from dnt_core.studies.where_are_expressions.cross_validation import Results
from dnt_core.studies.where_are_expressions.figures import setting_color
from dnt_core.studies.where_are_expressions.table import (
    ORDER,
    PAPER,
    WITH_TEXTURE,
    Entry,
    paper_rank,
    paper_ratio,
    table_of,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAPER_COLOR = "#777777"


def table1(results: Results, about: str) -> Figure:
    r"""Table 1 as a figure: ours with intervals beside the paper's, ranks in brackets, ratios of the groups
    below.

    Args:
        about: what was run (network, pixels, frames, epochs, folds); written under the table.
    """
    targets = ("type", "level")
    with style():
        figure, ax = plt.subplots(figsize=(9.2, 2.9))
    ax.set_axis_off()
    columns = ["", *(who.format(t) for t in targets for who in ("{}: ours", "95 %", "{}: paper"))]
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
                ha="left", color=setting_color(ORDER[r - 1]) if r <= len(ORDER) else "#333333", weight="bold"
            )
        elif c in range(3, len(columns), 3):
            cell.set_text_props(color=PAPER_COLOR)
        if 3 < r <= len(ORDER):
            cell.set_facecolor("#F3F6FA")
    ax.set_title(
        "Table 1: cross-entropy on held-out frames in nats (rank of the mean); lower: read better",
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
