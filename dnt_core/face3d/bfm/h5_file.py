r"""The Basel Face Models 2017 and 2019 from their .h5 files, as statistical models in scalismo's format.

Groups ``shape``, ``expression`` and ``color`` each hold ``model/mean`` (3V,), ``model/pcaBasis`` (3V, n) of
orthonormal columns and ``model/pcaVariance`` (n,); ``shape/representer`` the triangles (3, F). Lengths are
millimetres. The files have no texture coordinates, and a dozen or two named landmarks in place of the 68.
"""

from __future__ import annotations

import json
import warnings
from os import PathLike
from pathlib import Path

import numpy as np

from dnt_core.face3d.bfm import validation
from dnt_core.face3d.cylindrical_uv import cylindrical_uv
from dnt_core.face3d.mesh_parts import landmarks_from_named_points
from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.face3d.parameters import SIZES
from dnt_core.plain_files import read_arrays

PER_DECIMETRE = 100.0  # millimetres
GROUPS = {"identity": "shape", "expression": "expression", "texture": "color"}
# iBUG number of the landmarks that the files name. "right" is the person's own, as in iBUG.
NAMED = {
    "right.eye.corner_outer": 36, "right.eye.corner_inner": 39, "left.eye.corner_inner": 42,
    "left.eye.corner_outer": 45, "center.nose.tip": 30, "center.nose.attachement_to_philtrum": 33,
    "right.nose.wing.outer": 31, "left.nose.wing.outer": 35, "right.lips.corner": 48, "left.lips.corner": 54,
    "center.lips.upper.outer": 51, "center.lips.lower.outer": 57, "center.lips.upper.inner": 62,
    "center.lips.lower.inner": 66, "center.chin.tip": 8,
}  # fmt: skip


def load_bfm_h5(path: str | PathLike[str]) -> MorphableModel:
    r"""The Basel Face Model 2017 or 2019 from an ``.h5`` file; its leading 80, 64 and 80 components.

    Two files beside it are used where they lie there: ``<name>.landmarks68.txt``, 68 vertex ids from 0 in
    iBUG order, and ``<name>.uv.npy``, (V, 2) texture coordinates in [0, 1], v up. Without them the 68
    landmarks are placed by the landmarks that the file names, and a cylinder is unrolled; both are said in
    warnings.

    Args:
        path: the .h5 file.

    Raises:
        FileNotFoundError: no such file.
        ValueError: one sentence that names the file, the array and what was expected.
        ImportError: h5py is not installed (``pip install "dnt-core[faces]"``).
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    arrays, named = _read(path)
    n = arrays["identity"][0].size // 3
    mean = (arrays["identity"][0] + arrays["expression"][0]).reshape(n, 3) / PER_DECIMETRE
    validation.decimetres(path, mean)
    triangles = _cells(path, arrays["cells"], n)
    validation.triangles_cover(path, "shape/representer/cells", triangles, n)
    colors = arrays["texture"][0].reshape(n, 3)
    white = 255.0 if colors.max() > 1.5 else 1.0
    validation.color_range(path, colors, white)
    centre = mean.mean(axis=0)
    landmarks = _landmarks(path, mean, {k: v / PER_DECIMETRE for k, v in named.items()})
    per_unit = {"identity": PER_DECIMETRE, "expression": PER_DECIMETRE, "texture": white}
    bases = {
        f"{kind}_basis": arrays[kind][1].reshape(n, 3, -1) / np.float32(per_unit[kind]) for kind in GROUPS
    }
    return MorphableModel.of_file(
        path,
        None,
        mean_shape=(mean - centre).astype(np.float32),
        mean_color=(colors / white).astype(np.float32),
        triangles=triangles,
        uv=_uv(path, mean - centre),
        landmark_indices=landmarks,
        name="bfm2019" if "2019" in path.name else "bfm2017",
        normal_weighting="uniform",
        **bases,
    )


def _read(path: Path) -> tuple[dict, dict[int, np.ndarray]]:
    r"""Mean and scaled basis of each group, triangles, and the named landmarks in millimetres."""
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            f'{path} is an HDF5 file, which needs h5py: pip install "dnt-core[faces]" ({error})'
        ) from error
    arrays: dict = {}
    try:
        with h5py.File(path, "r") as file:
            for kind, group in GROUPS.items():
                arrays[kind] = _group(path, file, group, SIZES[kind])
            arrays["cells"] = _dataset(path, file, "shape/representer/cells")
            text = file["metadata/landmarks/json"][()] if "metadata/landmarks/json" in file else b"[]"
    except ValueError:
        raise  # a sentence of ours
    except Exception as error:  # a damaged HDF5 file raises almost anything
        raise ValueError(f"{path}: not a readable HDF5 file, or truncated ({error})") from error
    text = text[0] if isinstance(text, np.ndarray) else text
    try:
        points = {item.get("id"): item.get("coordinates") for item in json.loads(text)}
        named = {number: np.array(points[name], float) for name, number in NAMED.items() if name in points}
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: metadata/landmarks/json holds no landmarks ({error})") from error
    return arrays, named


def _dataset(path: Path, file, key: str) -> np.ndarray:
    if key not in file:
        raise ValueError(f"{path}: no array {key!r}; it holds {', '.join(sorted(file)) or 'nothing'}")
    return np.asarray(file[key])


def _group(path: Path, file, group: str, most: int) -> tuple[np.ndarray, np.ndarray]:
    mean, basis, variance = (
        _dataset(path, file, f"{group}/model/{key}") for key in ("mean", "pcaBasis", "pcaVariance")
    )
    for key, array in (("mean", mean), ("pcaBasis", basis), ("pcaVariance", variance)):
        validation.real(path, f"{group}/model/{key}", array)
    if mean.ndim != 1 or mean.size % 3 or basis.shape != (mean.size, variance.size):
        raise ValueError(
            f"{path}: {group}/model has mean {mean.shape}, pcaBasis {basis.shape} and pcaVariance "
            f"{variance.shape}, "
            "expected (3V,), (3V, n) and (n,)"
        )
    basis, variance = basis[:, :most], variance[:most]
    norms = np.linalg.norm(basis, axis=0)
    if not np.allclose(norms[variance > 0], 1, atol=1e-2):
        raise ValueError(
            f"{path}: the columns of {group}/model/pcaBasis have lengths {norms.min():.3g} to "
            f"{norms.max():.3g}, "
            "expected 1: they are multiplied by their standard deviations here"
        )
    return mean.astype(np.float64), (basis * np.sqrt(variance)).astype(np.float32)


def _cells(path: Path, cells: np.ndarray, n_vertices: int) -> np.ndarray:
    key = "shape/representer/cells"
    if cells.ndim == 2 and cells.shape[0] == 3 and cells.shape[1] != 3:
        cells = cells.T
    return validation.indices(path, key, cells, 3, 0, n_vertices, "vertices")


def _landmarks(path: Path, vertices: np.ndarray, named: dict[int, np.ndarray]) -> np.ndarray:
    beside = path.with_suffix(".landmarks68.txt")
    if beside.is_file():
        try:
            ids = np.loadtxt(beside, dtype=float).reshape(-1)
        except ValueError as error:
            raise ValueError(f"{beside}: expected 68 vertex ids from 0 ({error})") from error
        if ids.size != 68:
            raise ValueError(f"{beside}: {ids.size} numbers, expected 68 vertex ids from 0")
        return validation.indices(beside, "its landmarks", ids, None, 0, len(vertices), "vertices")
    try:
        found = landmarks_from_named_points(vertices, named)
    except ValueError as error:
        raise ValueError(f"{path}: {error}; or put 68 vertex ids into {beside.name} beside it") from error
    warnings.warn(
        f"{path}: the 68 landmarks are placed by the {len(named)} that the file names, a few millimetres "
        f"off where "
        f"none is near; {beside.name} beside it would give them exactly",
        stacklevel=3,
    )
    return found


def _uv(path: Path, vertices: np.ndarray) -> np.ndarray:
    beside = path.with_suffix(".uv.npy")
    if not beside.is_file():
        warnings.warn(
            f"{path}: the file has no texture coordinates and there is no {beside.name} beside it: those of "
            f"an "
            "unrolled cylinder are taken",
            stacklevel=3,
        )
        return cylindrical_uv(vertices)
    uv = read_arrays(beside)
    if isinstance(uv, dict) or uv.dtype.kind not in "fiu":
        raise ValueError(f"{beside}: expected one array ({len(vertices)}, 2) of numbers")
    if uv.shape != (len(vertices), 2) or not (np.isfinite(uv).all() and uv.min() >= 0 and uv.max() <= 1):
        raise ValueError(f"{beside}: expected ({len(vertices)}, 2) numbers in [0, 1], got {uv.shape}")
    return uv.astype(np.float32)
