r"""MATLAB files, opened so that whatever is wrong with one is said in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat, whosmat

from dnt_core.face3d.bfm.mat_elements import numeric_arrays


def read_mat(
    path: str | PathLike[str], keys: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, np.ndarray]:
    r"""Named arrays of a MATLAB file (format 4 to 7.3; the last is HDF5 and needs h5py).

    Args:
        path: the file.
        keys: names that must be there.
        optional: names that are returned if they are there.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a MATLAB file that can be read, truncated, without one of the keys, or of format 7.3
            where h5py is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        names = numeric_arrays(path)
        wanted = [key for key in (*keys, *optional) if names is None or key in names]
        found = loadmat(path, variable_names=wanted) if wanted else {}
    except NotImplementedError:
        with _hdf5_datasets(path) as held:
            names = set(held)  # MATLAB writes the axes in reversed order
            found = {key: np.asarray(held[key]).T for key in (*keys, *optional) if key in held}
    except Exception as error:  # scipy answers a damaged file with almost any exception
        raise ValueError(f"{path}: not a readable MATLAB file, or truncated ({error})") from error
    missing = [key for key in keys if key not in found]
    if missing:
        there = ", ".join(sorted(key for key in names or found if not key.startswith("__"))) or "nothing"
        raise ValueError(f"{path}: no array {missing[0]!r}, expected {', '.join(keys)}; it holds {there}")
    return {key: np.asarray(found[key]) for key in (*keys, *optional) if key in found}


def mat_names(path: str | PathLike[str]) -> set[str]:
    r"""Names of the arrays of a MATLAB file.

    Raises:
        ValueError: as :func:`read_mat`.
    """
    try:
        return {name for name, _, _ in whosmat(path)}
    except NotImplementedError:
        with _hdf5_datasets(Path(path)) as held:
            return set(held)


@contextmanager
def _hdf5_datasets(path: Path) -> Iterator[dict[str, Any]]:
    r"""The arrays of numbers of an open MATLAB 7.3 file by name; what is not asked for is not read."""
    try:
        import h5py
    except ImportError as error:
        raise ValueError(
            f"{path}: a MATLAB 7.3 (HDF5) file; save it in format 7 or older, or "
            'pip install "dnt-core[faces]"'
        ) from error
    try:
        with h5py.File(path, "r") as file:
            held = {key: value for key, value in file.items() if isinstance(value, h5py.Dataset)}
            yield {key: value for key, value in held.items() if value.dtype.kind in "fiub"}
    except Exception as error:  # a damaged HDF5 file raises almost anything
        raise ValueError(f"{path}: not a readable MATLAB 7.3 file, or truncated ({error})") from error
