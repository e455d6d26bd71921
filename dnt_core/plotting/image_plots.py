r"""Pictures of faces: one, many with labels, UV maps, landmarks over them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dnt_core.plotting.style import bare, new_axes, to_numpy

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def to_display(picture: Any) -> np.ndarray:
    r"""A picture as matplotlib wants it.

    Args:
        picture: tensor ``(3, H, W)``, ``(1, H, W)`` or ``(H, W)``, or array ``(H, W, 3)`` or ``(H, W)``;
            uint8, or floats in [0, 1], which are clipped; RGB.

    Returns:
        ``(H, W, 3)`` uint8.

    Raises:
        ValueError: another shape, other whole numbers than uint8, or a value that is not finite.
    """
    if hasattr(picture, "detach"):
        array = to_numpy(picture.float() if picture.is_floating_point() else picture)  # NumPy has no bfloat16
        array = np.moveaxis(array, 0, -1) if array.ndim == 3 else array  # (H, W, C)
    else:
        array = np.asarray(picture)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[-1] not in (1, 3):
        raise ValueError(
            f"a picture of shape {tuple(picture.shape)}; expected a tensor (3|1, H, W) or an array (H, W, 3)"
        )
    if array.dtype.kind in "iu" and array.dtype != np.uint8:
        raise ValueError(f"a picture of {array.dtype}; expected uint8, or floats in [0, 1]")
    if array.dtype != np.uint8:
        if not np.isfinite(array).all():
            raise ValueError("a picture with NaN or infinite values; expected values in [0, 1]")
        array = (np.clip(array, 0, 1) * 255 + 0.5).astype(np.uint8)
    return np.broadcast_to(array, (*array.shape[:2], 3))


def png(picture: Any) -> bytes:
    r"""A picture, as :func:`to_display` takes it, as the bytes of a PNG file.

    Args:
        picture: (H, W, 3), (3, H, W) or (H, W), as in ``to_display``.
    """
    import matplotlib.image

    buffer = io.BytesIO()
    matplotlib.image.imsave(buffer, to_display(picture), format="png")
    return buffer.getvalue()


def image(picture: Any, title: str | None = None, ax: Axes | None = None) -> Axes:
    r"""Show one picture without axes; ``picture`` as in ``to_display``.

    Args:
        picture: (H, W, 3), (3, H, W) or (H, W), as in ``to_display``.
        title: above it, or None.
        ax: where to draw; None makes a figure.
    """
    ax = ax or new_axes((3, 3))
    ax.imshow(to_display(picture))
    bare(ax)
    if title:
        ax.set_title(title)
    return ax


def uv_image(uv_map: Any, mask: Any = None, title: str | None = None, ax: Axes | None = None) -> Axes:
    r"""Show a UV map: u is red, v is green, outside the face is white.

    Args:
        uv_map: ``(2, H, W)`` in [0, 1].
        mask: ``(H, W)`` or ``(1, H, W)``, true on the face; everywhere when ``None``.
        title: above it, or None.
        ax: where to draw; None makes a figure.

    Raises:
        ValueError: another shape than (2, H, W).
    """
    uv = np.asarray(to_numpy(uv_map), dtype=np.float32)
    if uv.ndim != 3 or uv.shape[0] != 2:
        raise ValueError(f"a UV map of shape {uv.shape}; expected (2, H, W)")
    picture = np.stack([uv[0], uv[1], np.full_like(uv[0], 0.35)], axis=-1)  # (H, W, 3)
    if mask is not None:
        picture[~to_numpy(mask).astype(bool).reshape(uv.shape[1:])] = 1.0
    return image(picture, title, ax)


def contact_sheet(
    images: Sequence[Sequence[Any]] | Any,
    row_labels: Sequence[str] | None = None,
    col_labels: Sequence[str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
    gap: float = 0.03,
    names: Sequence[Sequence[str]] | None = None,
) -> Axes:
    r"""Show pictures in rows and columns with labels.

    Args:
        images: rows of pictures, each as in ``to_display`` and all of one size; ``None`` leaves a cell
            empty. Rows may be short.
        row_labels: one per row, or None.
        col_labels: one per column, or None.
        title: above the pictures, or None.
        ax: where to draw; None makes a figure.
        gap: space between pictures, as a share of a picture's side.
        names: one per picture, in rows as ``images``, written white into its upper left corner; or None.

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
    ax = ax or new_axes(_sheet_size(sheet.shape, n_cols, row_labels, col_labels, title))
    ax.imshow(sheet)
    bare(ax)
    if col_labels is not None:
        ax.xaxis.tick_top()
        ax.set_xticks([c * step_x + (width - 1) / 2 for c in range(n_cols)], col_labels)
    if row_labels is not None:
        ax.set_yticks([r * step_y + (height - 1) / 2 for r in range(n_rows)], row_labels)
    ax.tick_params(length=0, labelsize=9.5, labelcolor="#333333", pad=4)
    for r, row in enumerate(names or ()):
        for c, name in enumerate(row):
            place = (c * step_x + 0.03 * width, r * step_y + 0.03 * height)
            ax.text(*place, name, color="white", va="top", fontsize=9, weight="bold")
    if title:
        ax.set_title(title)
    return ax


def film_strip(
    frames: Sequence[Any],
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Show frames in one row, left to right in time.

    Args:
        frames: pictures of one size, each as in ``to_display``.
        labels: one per frame, or None.
        ax: where to draw; None makes a figure.
    """
    return contact_sheet([list(frames)], col_labels=labels, ax=ax)


def landmarks(points: Any, ax: Axes, *, size: float = 7.0) -> Axes:
    r"""Draw landmarks over a picture; ``points`` is ``(N, 2)`` or ``(N, 3)``, columns then rows, in px.

    Args:
        points: (N, 2) or (N, 3): column, row in px.
        ax: with the picture.
        size: of the points, as in matplotlib's ``scatter``.
    """
    points = to_numpy(points)
    ax.scatter(
        points[:, 0], points[:, 1], s=size, color="#FFD23F", edgecolor="#222222", linewidth=0.4, zorder=3
    )
    return ax


def _sheet_size(
    shape: tuple[int, ...], n_cols: int, row_labels: Any, col_labels: Any, title: Any
) -> tuple[float, float]:
    width = min(11.0, max(2.5, 1.35 * n_cols))
    height = width * shape[0] / shape[1]
    lines = [line for label in row_labels or () for line in label.splitlines()]
    left = 0.085 * max(map(len, lines), default=0)
    return width + left, height + 0.3 * (col_labels is not None) + 0.35 * bool(title)
