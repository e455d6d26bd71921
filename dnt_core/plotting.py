r"""The one way figures look. Every function takes an ``ax`` (or makes one) and returns it.

Importing this module changes nothing; ``use_style()`` sets the look for a notebook, and figures made here
without an ``ax`` have it anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullLocator

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


def to_display(picture: Any) -> np.ndarray:
    r"""A picture as matplotlib wants it.

    Args:
        picture: tensor ``(3, H, W)``, ``(1, H, W)`` or ``(H, W)``, floats in [0, 1]; or array ``(H, W, 3)``
            or ``(H, W)``, uint8 or floats in [0, 1]; RGB. Values outside the range are clipped.

    Returns:
        ``(H, W, 3)`` uint8.

    Raises:
        ValueError: another shape, or a value that is not finite.
    """
    if hasattr(picture, "detach"):
        array = picture.detach().cpu().float().numpy()
        array = np.moveaxis(array, 0, -1) if array.ndim == 3 else array  # (H, W, C)
    else:
        array = np.asarray(picture)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[-1] not in (1, 3):
        raise ValueError(
            f"a picture of shape {tuple(picture.shape)}; expected a tensor (3|1, H, W) or an array (H, W, 3)"
        )
    if array.dtype != np.uint8:
        if not np.isfinite(array).all():
            raise ValueError("a picture with NaN or infinite values; expected values in [0, 1]")
        array = (np.clip(array, 0, 1) * 255 + 0.5).astype(np.uint8)
    return np.broadcast_to(array, (*array.shape[:2], 3))


def image(picture: Any, title: str | None = None, ax: Axes | None = None) -> Axes:
    r"""Show one picture without axes; ``picture`` as in ``to_display``."""
    ax = ax or _new_axes((3, 3))
    ax.imshow(to_display(picture))
    _bare(ax)
    if title:
        ax.set_title(title)
    return ax


def uv_image(uv_map: Any, mask: Any = None, title: str | None = None, ax: Axes | None = None) -> Axes:
    r"""Show a UV map: u is red, v is green, outside the face is white.

    Args:
        uv_map: ``(2, H, W)`` in [0, 1].
        mask: ``(H, W)`` or ``(1, H, W)``, true on the face; everywhere when ``None``.
    """
    uv = np.asarray(_numpy(uv_map), dtype=np.float32)
    if uv.ndim != 3 or uv.shape[0] != 2:
        raise ValueError(f"a UV map of shape {uv.shape}; expected (2, H, W)")
    picture = np.stack([uv[0], uv[1], np.full_like(uv[0], 0.35)], axis=-1)  # (H, W, 3)
    if mask is not None:
        picture[~_numpy(mask).astype(bool).reshape(uv.shape[1:])] = 1.0
    return image(picture, title, ax)


def contact_sheet(
    images: Sequence[Sequence[Any]] | Any,
    row_labels: Sequence[str] | None = None,
    col_labels: Sequence[str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    gap: float = 0.03,
) -> Axes:
    r"""Show pictures in rows and columns with labels.

    Args:
        images: rows of pictures, each as in ``to_display`` and all of one size; ``None`` leaves a cell
            empty. Rows may be short.
        row_labels, col_labels: one a row and column, or ``None``.
        gap: space between pictures, as a share of a picture's side.

    Raises:
        ValueError: no picture, sizes differ, or a wrong number of labels.
    """
    rows = [[None if p is None else to_display(p) for p in row] for row in images]
    sizes = {p.shape[:2] for row in rows for p in row if p is not None}
    if len(sizes) != 1:
        raise ValueError(
            f"a contact sheet of pictures of sizes {sorted(sizes)}; expected pictures, all of one size"
        )
    ((height, width),) = sizes
    n_rows, n_cols = len(rows), max(len(row) for row in rows)
    for name, labels, n in (("row", row_labels, n_rows), ("column", col_labels, n_cols)):
        if labels is not None and len(labels) != n:
            raise ValueError(f"{len(labels)} {name} labels for {n} {name}s")
    space = max(1, round(gap * max(height, width))) if gap else 0
    step_y, step_x = height + space, width + space
    sheet = np.full((n_rows * step_y - space, n_cols * step_x - space, 3), 255, np.uint8)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            if picture is not None:
                sheet[r * step_y : r * step_y + height, c * step_x : c * step_x + width] = picture
    ax = ax or _new_axes(_sheet_size(sheet.shape, n_cols, row_labels, col_labels, title))
    ax.imshow(sheet)
    _bare(ax)
    if col_labels is not None:
        ax.xaxis.tick_top()
        ax.set_xticks([c * step_x + (width - 1) / 2 for c in range(n_cols)], col_labels)
    if row_labels is not None:
        ax.set_yticks([r * step_y + (height - 1) / 2 for r in range(n_rows)], row_labels)
    ax.tick_params(length=0, labelsize=9.5, labelcolor="#333333", pad=4)
    if title:
        ax.set_title(title)
    return ax


def film_strip(
    frames: Sequence[Any],
    labels: Sequence[str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Show frames in one row, left to right in time."""
    return contact_sheet([list(frames)], col_labels=labels, title=title, ax=ax)


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
        log: a logarithmic y axis.
        colors: mapping name → colour; expression names have theirs.
    """
    ax = ax or _new_axes((5.2, 3.0))
    named = ys if isinstance(ys, Mapping) else {"": ys}
    ends = []
    for name, y in named.items():
        color = {**EXPRESSION_COLORS, **(colors or {})}.get(name)
        (line,) = ax.plot(_numpy(x), _numpy(y), color=color)
        ends.append((float(_numpy(y)[-1]), name, line.get_color()))
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if title:
        ax.set_title(title)
    if len(named) > 1:
        _label_ends(ax, float(_numpy(x)[-1]), ends)
    return ax


def paper_and_ours(
    paper: Mapping[str, float],
    ours: Mapping[str, float],
    ax: Axes | None = None,
    *,
    xlabel: str = "",
    title: str | None = None,
    log: bool = False,
) -> Axes:
    r"""The paper's number beside ours, one row a name: open circle for the paper, filled for us.

    Args:
        paper, ours: name → value; a name that only one of them has shows one circle.
        log: a logarithmic axis.
    """
    names = list(dict.fromkeys([*paper, *ours]))
    ax = ax or _new_axes((5.2, 0.8 + 0.32 * len(names)))
    rows = {name: -i for i, name in enumerate(names)}
    both = [n for n in names if n in paper and n in ours]
    ax.hlines(
        [rows[n] for n in both],
        [paper[n] for n in both],
        [ours[n] for n in both],
        color="#CFCFCF",
        lw=3,
        zorder=1,
    )
    ax.scatter(
        list(paper.values()),
        [rows[n] for n in paper],
        s=46,
        facecolor="white",
        edgecolor="#555555",
        lw=1.4,
        label="paper",
        zorder=2,
    )
    ax.scatter(list(ours.values()), [rows[n] for n in ours], s=46, color="C0", label="ours", zorder=3)
    ax.set_yticks(list(rows.values()), names)
    ax.set_ylim(-len(names) + 0.4, 0.6)
    ax.set_xlabel(xlabel)
    if log:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter("{x:g}")
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.1)
    if title:
        ax.set_title(title)
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
        fmt: format of the numbers; ``""`` writes none.
    """
    values = _numpy(values)
    if values.shape != (len(row_labels), len(col_labels)):
        raise ValueError(
            f"a matrix of shape {values.shape} with {len(row_labels)} row and {len(col_labels)} column labels"
        )
    ax = ax or _new_axes((1.4 + 0.55 * values.shape[1], 1.1 + 0.42 * values.shape[0]))
    ax.imshow(values, cmap="Blues", aspect="auto")
    _bare(ax)
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


def landmarks(points: Any, ax: Axes, *, color: str = "#FFD23F", size: float = 7.0) -> Axes:
    r"""Draw landmarks over a picture; ``points`` is ``(N, 2)`` or ``(N, 3)``, columns then rows, in px."""
    points = _numpy(points)
    ax.scatter(points[:, 0], points[:, 1], s=size, color=color, edgecolor="#222222", linewidth=0.4, zorder=3)
    return ax


def mark_synthetic(figure: Figure, note: str = SYNTHETIC_NOTE) -> Figure:
    r"""Write a small grey line under a figure that says its people are made up; once is enough."""
    if not any(text.get_gid() == "synthetic" for text in figure.texts):
        figure.text(
            1.0,
            -0.012,
            note,
            ha="right",
            va="top",
            fontsize=7,
            color="#8A8A8A",
            style="italic",
            gid="synthetic",
        )
    return figure


def _new_axes(size: tuple[float, float]) -> Axes:
    with style():
        return plt.subplots(figsize=size)[1]


def _sheet_size(
    shape: tuple[int, ...], n_cols: int, row_labels: Any, col_labels: Any, title: Any
) -> tuple[float, float]:
    width = min(11.0, max(2.5, 1.35 * n_cols))
    height = width * shape[0] / shape[1]
    left = 0.085 * max((len(label) for label in row_labels), default=0) if row_labels is not None else 0
    return width + left, height + 0.3 * (col_labels is not None) + 0.35 * bool(title)


def _bare(ax: Axes) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _label_ends(ax: Axes, x_end: float, ends: list[tuple[float, str, str]]) -> None:
    r"""Names at the right ends of curves, pushed apart so that none covers another."""
    ax.figure.canvas.draw()
    to_px, to_data = ax.transData, ax.transData.inverted()
    spacing, floor = 11.0 * ax.figure.dpi / 72, -np.inf
    for y, name, color in sorted(ends):
        y_px = max(to_px.transform((x_end, y))[1], floor + spacing)
        floor = y_px
        ax.annotate(
            name,
            (x_end, to_data.transform((0, y_px))[1]),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=color,
            fontsize=8.5,
            annotation_clip=False,
        )


def _numpy(values: Any) -> np.ndarray:
    return values.detach().cpu().numpy() if hasattr(values, "detach") else np.asarray(values)
