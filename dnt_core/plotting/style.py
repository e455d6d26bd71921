r"""The look: style file, colours, bare axes, and the line that says when people are made up."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE = Path(__file__).with_name("dnt.mplstyle")
SYNTHETIC_NOTE = "built-in synthetic actor"

#: One colour an expression, the same in every figure.
EXPRESSION_COLORS: dict[str, str] = {
    "angry": "#C8443C",
    "contempt": "#8C6BB1",
    "disgusted": "#6B8E3D",
    "fear": "#4B4E8C",
    "happy": "#E0A526",
    "sad": "#3A6EA5",
    "surprised": "#2FA39A",
    "neutral": "#8A8A8A",
}


def use_style() -> None:
    r"""Set the look for all figures of this process."""
    plt.style.use(STYLE)


def style() -> AbstractContextManager[None]:
    r"""The look, for the length of a ``with`` block."""
    return plt.style.context(STYLE)


def mark_synthetic(figure: Figure) -> Figure:
    r"""Write a small grey line under a figure that says its people are made up; once is enough.

    Args:
        figure: changed in place.
    """
    if not any(text.get_gid() == "synthetic" for text in figure.texts):
        figure.text(
            1.0,
            -0.012,
            SYNTHETIC_NOTE,
            ha="right",
            va="top",
            fontsize=7,
            color="#8A8A8A",
            style="italic",
            gid="synthetic",
        )
    return figure


def new_axes(size: tuple[float, float]) -> Axes:
    with style():
        ax = plt.subplots(figsize=size)[1]
        interactive = plt.isinteractive()
    # A notebook's backend switches this on when the first figure is made; the end of the block undoes it, and
    # no later figure would be shown.
    matplotlib.interactive(interactive)
    return ax


def bare(ax: Axes) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def to_numpy(values: Any) -> np.ndarray:
    return values.detach().cpu().numpy() if hasattr(values, "detach") else np.asarray(values)
