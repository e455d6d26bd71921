r"""MATLAB files, opened so that whatever is wrong with one is said in a sentence."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from dnt_core.face3d.bfm.mat_elements import numeric_arrays


def read_mat(
    path: str | PathLike[str], keys: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, np.ndarray]:
    r"""Named arrays of a MATLAB file (format 5 to 7).

    Args:
        path: the file.
        keys: names that must be there.
        optional: names that are returned if they are there.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not a MATLAB file that can be read, truncated, or without one of the keys.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        names = numeric_arrays(path)
        wanted = [key for key in (*keys, *optional) if names is None or key in names]
        found = loadmat(path, variable_names=wanted) if wanted else {}
    except NotImplementedError as error:
        raise ValueError(f"{path}: a MATLAB 7.3 (HDF5) file; save it in format 7 or older") from error
    except Exception as error:  # scipy answers a damaged file with almost any exception
        raise ValueError(f"{path}: not a readable MATLAB file, or truncated ({error})") from error
    missing = [key for key in keys if key not in found]
    if missing:
        there = ", ".join(sorted(key for key in names or found if not key.startswith("__"))) or "nothing"
        raise ValueError(f"{path}: no array {missing[0]!r}, expected {', '.join(keys)}; it holds {there}")
    return {key: np.asarray(found[key]) for key in (*keys, *optional) if key in found}
