r"""WM3DR's 257 numbers per frame, with the heat-map cell that each was gathered at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from dnt_core.face3d.wm3dr import CELLS, wm3dr_to_deep3d
from dnt_core.plain_files import read_arrays
from dnt_core.tracking.deep3d import only
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError, plain_rows
from dnt_core.tracking.possible_poses import with_a_face

VECTOR_NAMES, CELL_NAMES = ("parameters", "params", "vector"), ("cell", "cells", "index", "ind")


def read_wm3dr(paths: Sequence[Path]) -> ForeignTrack:
    r"""An ``.npz`` with ``parameters`` (T, 257) and ``cell`` (T,), or an ``.npy`` (T, 258), the cell last.

    WM3DR's translation is relative to the peak's cell in its 64 x 64 heat map, counted row by row, so
    numbers without cells cannot be placed. Rows of zeros, and rows or cells of NaN, are frames without a
    face. Its camera spans the whole frame, padded to a square at the bottom or the right.

    Raises:
        TrackError: more than one file, no cells, or arrays of other shapes.
    """
    path = only(paths, "WM3DR's file")
    held = read_arrays(path)
    if isinstance(held, np.ndarray):
        held = plain_rows(plain_rows(held, 258), 257)
        numbers, cells = (
            (held[:, :257], held[:, 257]) if held.ndim == 2 and held.shape[1] == 258 else (held, None)
        )
    else:
        numbers, cells = (
            next((held[k] for k in names if k in held), None) for names in (VECTOR_NAMES, CELL_NAMES)
        )
        numbers = None if numbers is None else plain_rows(numbers, 257)
    cells = None if cells is None else np.asarray(cells)
    cells = None if cells is None or cells.size != max(cells.shape, default=1) else cells.reshape(-1)
    if numbers is None or numbers.ndim != 2 or numbers.shape[1] != 257:
        raise TrackError(f"{path}: expected 'parameters' (frames, 257), got {np.shape(numbers)}")
    if cells is None or np.shape(cells) != (len(numbers),):
        raise TrackError(
            f"{path}: no cells: WM3DR's translation is relative to the heat-map cell of each peak; give an "
            f".npz with "
            "'parameters' (frames, 257) and 'cell' (frames,), numbers from 0 to 4095"
        )
    if cells.dtype.kind not in "fiu" or numbers.dtype.kind not in "fiu":
        raise TrackError(f"{path}: expected numbers, got {numbers.dtype} and {cells.dtype}")
    seen = with_a_face(numbers) & np.isfinite(cells)
    if not seen.any():
        raise TrackError(f"{path}: no row has finite numbers and a cell")
    numbers, cells = np.where(seen[:, None], numbers, np.nan), np.where(seen, cells, 0)
    if (cells != np.round(cells)).any():
        raise TrackError(f"{path}: cells that are not whole numbers")
    if outside := cells[(cells < 0) | (cells >= CELLS**2)].tolist():
        raise TrackError(f"{path}: a cell is {outside[0]:g}, expected numbers from 0 to {CELLS**2 - 1}")
    try:
        face = wm3dr_to_deep3d(
            torch.from_numpy(numbers.astype(np.float32)), torch.from_numpy(cells.astype(np.int64))
        )
    except ValueError as error:
        raise TrackError(f"{path}: {error}") from error
    return ForeignTrack("WM3DR", "bfm2009", face.numpy(order="storage"), "wm3dr")
