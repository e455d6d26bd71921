r"""What a Basel file must look like; whatever differs is named, with what was expected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dnt_core.face3d.parameters import SIZES

PLAUSIBLE_EXTENT = (0.8, 5.0)  # dm: the largest side of a face's bounding box
UNITS = {
    "micrometres": 1e5,
    "millimetres": 1e2,
    "centimetres": 1e1,
    "metres": 1e-1,
}  # how many make a decimetre


@dataclass(frozen=True)
class Conventions:
    r"""How one kind of file counts and colours."""

    first_index: int  # vertex and triangle ids count from here
    white: float  # the number that means full colour


MAT = Conventions(first_index=1, white=255.0)
CHJ = Conventions(first_index=0, white=1.0)


def flat_vertices(path, key: str, array: np.ndarray) -> np.ndarray:
    r"""An interleaved xyz (or RGB) row (1, 3V) → (V, 3)."""
    real(path, key, array)
    is_row = array.ndim == 1 or (array.ndim == 2 and 1 in array.shape)
    if array.size % 3 or not (is_row or (array.ndim == 2 and array.shape[1] == 3)):
        hint = ": it is transposed" if array.ndim == 2 and array.shape[0] == 3 else ""
        raise ValueError(f"{path}: {key} has shape {array.shape}, expected (1, 3 x vertices){hint}")
    return array.reshape(-1, 3)


def real(path, key: str, array: np.ndarray) -> None:
    if array.dtype.kind not in "fiu" or array.size == 0:
        raise ValueError(f"{path}: {key} must hold numbers, got {array.dtype} of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{path}: {key} holds numbers that are not finite")


def basis(path, key: str, array: np.ndarray, n_vertices: int, kind: str) -> np.ndarray:
    r"""A basis (3V, n), already multiplied by its standard deviations → (V, 3, n)."""
    real(path, key, array)
    expected = (3 * n_vertices, SIZES[kind])
    if array.shape != expected:
        hint = ": it is transposed" if array.shape == expected[::-1] else ""
        raise ValueError(f"{path}: {key} has shape {array.shape}, expected {expected}{hint}")
    norms = np.linalg.norm(array, axis=0)
    if np.allclose(norms, 1, atol=1e-3):
        raise ValueError(
            f"{path}: the columns of {key} have length 1, expected them times their standard deviations"
        )
    return array.reshape(n_vertices, 3, SIZES[kind])


def indices(
    path, key: str, array: np.ndarray, columns: int | None, first: int, count: int, of: str
) -> np.ndarray:
    r"""Ids that count from ``first`` → int64 ids that count from 0; ``columns`` None flattens."""
    if array.dtype.kind not in "iufb" or array.size == 0 or (array != np.round(array)).any():
        raise ValueError(f"{path}: {key} must hold whole numbers, got {array.dtype} of shape {array.shape}")
    if columns is not None and (array.ndim != 2 or array.shape[1] != columns):
        hint = ": it is transposed" if array.ndim == 2 and array.shape[0] == columns else ""
        raise ValueError(f"{path}: {key} has shape {array.shape}, expected (n, {columns}){hint}")
    array = array.astype(np.int64)
    low, high = int(array.min()), int(array.max())
    if low < first or high >= first + count:
        other = 1 - first
        fits = other <= low and high < other + count
        hint = f": its indices count from {other}, this format counts from {first}" if fits else ""
        raise ValueError(
            f"{path}: {key} holds {of} {low} to {high}, expected {first} to {first + count - 1}{hint}"
        )
    array = array - first
    return array.reshape(-1) if columns is None else array


def triangles_cover(path, key: str, triangles: np.ndarray, n_vertices: int) -> None:
    r"""Every vertex is in a triangle; a whole file counted from the wrong number would leave one out."""
    unused = np.setdiff1d(np.arange(n_vertices), triangles)
    if len(unused):
        raise ValueError(
            f"{path}: {len(unused)} of {n_vertices} vertices are in no triangle of {key}: "
            "its indices count from the wrong number, or belong to another model"
        )


def point_buf(path, array: np.ndarray, triangles: np.ndarray, n_vertices: int, first: int) -> None:
    r"""The triangles listed around a vertex must touch it; the id after the last triangle is padding."""
    n_faces = len(triangles)
    listed = indices(path, "point_buf", array, 8, first, n_faces + 1, "triangles")
    if len(listed) != n_vertices:
        raise ValueError(f"{path}: point_buf has {len(listed)} rows, expected one per vertex, {n_vertices}")

    def share_touching(ids: np.ndarray) -> float:
        inside = (ids >= 0) & (ids < n_faces)
        vertex = np.broadcast_to(np.arange(n_vertices)[:, None], ids.shape)[inside]
        return float((triangles[ids[inside]] == vertex[:, None]).any(axis=1).mean())

    if share_touching(listed) < 1:
        other = 1 - first
        hint = f"its indices seem to count from {other}, this format counts from {first}"
        if share_touching(listed + first - other) < 1:
            hint = "the two arrays do not belong together"
        raise ValueError(f"{path}: point_buf lists triangles that do not touch their vertex: {hint}")


def decimetres(path, vertices: np.ndarray) -> None:
    extent = float(np.ptp(vertices, axis=0).max())
    low, high = PLAUSIBLE_EXTENT
    if low <= extent <= high:
        return
    guess = [name for name, per_dm in UNITS.items() if low <= extent / per_dm <= high]
    looks = f", it looks like {' or '.join(guess)}" if guess else ""
    raise ValueError(
        f"{path}: meanshape spans {extent:.4g}, expected {low:g} to {high:g} decimetres for a face{looks}"
    )


def color_range(path, colors: np.ndarray, white: float) -> None:
    low, high = float(colors.min()), float(colors.max())
    expected = f"RGB from 0 to {white:g}"
    if low < -0.05 * white or high > 1.2 * white:
        raise ValueError(f"{path}: meantex ranges from {low:.3g} to {high:.3g}, expected {expected}")
    if white > 1 and high <= 1.5:
        raise ValueError(
            f"{path}: meantex ranges from {low:.3g} to {high:.3g}, expected {expected}, not 0 to 1"
        )
