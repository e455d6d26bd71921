r"""FLAME from its pickle, without chumpy, as a face that is linear in the 257 numbers.

FLAME moves the jaw by a joint, which is not linear. Here three of the 64 expression coefficients turn the
jaw about x, y and z along straight lines (the chord between -0.1 and +0.1 rad): at an opening of 0.2 rad the
chin is about 2 mm off the arc. The other 61 are FLAME's leading expression components, and identity is its
leading 80 of 300.
"""

from __future__ import annotations

import warnings
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.spatial.transform import Rotation

from dnt_core.face3d.bfm.validation import decimetres
from dnt_core.face3d.cylindrical_uv import cylindrical_uv
from dnt_core.face3d.ict import read_obj
from dnt_core.face3d.mesh_parts import SKIN, into_unit_square, largest_sheet, used_vertices, uv_without_seams
from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.face3d.parameters import SIZES
from dnt_core.face3d.registry import FACE_MODELS
from dnt_core.face3d.restricted_pickle import Inert, read_npy, read_pickle

EMBEDDING, TEMPLATE = FACE_MODELS["flame"].beside
DECIMETRES = 10.0  # per metre
N_SHAPE, JAW, JAW_UNIT = 300, 2, 0.1  # columns of identity; joint; rad per unit coefficient
JAW_COLUMNS = 3


def load_flame(path: str | PathLike[str]) -> MorphableModel:
    r"""FLAME's head as one sheet: a rim at the neck, holes at the mouth and the eyes, without the eyeballs.

    Args:
        path: ``generic_model.pkl`` (or another of FLAME's). Beside it must lie ``landmark_embedding.npy``
            (DECA's 68 landmarks on its triangles), and may lie ``head_template.obj`` (its texture
            coordinates; without it a cylinder is unrolled around the front half).

    Raises:
        FileNotFoundError: one of the files is missing.
        ValueError: a file that is not FLAME's; one sentence that names it. No code of the pickle runs.
    """
    path = Path(path)
    flame = read_flame(path)
    mean, triangles = flame["v_template"] * DECIMETRES, flame["f"]
    decimetres(path, mean)
    n = len(mean)
    template = path.with_name(TEMPLATE)
    if template.is_file():
        _, coordinates, corners = read_obj(template)
        if len(corners) != len(triangles) or corners[..., 0].max() >= n:
            raise ValueError(f"{template}: {len(corners)} triangles, expected FLAME's {len(triangles)}")
        uv, whole = uv_without_seams(corners[..., 0], corners[..., 1], coordinates, n)
        triangles = corners[..., 0][whole]
    else:
        warnings.warn(
            f"{path}: no {TEMPLATE} beside it: the front half's texture coordinates are those of an "
            f"unrolled cylinder",
            stacklevel=2,
        )
        uv, middle = None, np.median(mean[:, 2])
        triangles = triangles[(mean[triangles, 2] > middle).all(axis=1)]
    landmarks = flame_landmarks(path.with_name(EMBEDDING), flame["f"])
    triangles, kept, new = used_vertices(largest_sheet(triangles, n), n)
    if (new[landmarks] < 0).any():
        raise ValueError(
            f"{path}: landmark {int((new[landmarks] < 0).argmax())} lies outside the face's sheet"
        )
    expression = flame["shapedirs"][..., N_SHAPE:][..., : SIZES["expression"] - JAW_COLUMNS]
    jaw = jaw_chords(flame)
    vertices = mean[kept]
    return MorphableModel.of_file(
        path,
        None,
        mean_shape=(vertices - vertices.mean(axis=0)).astype(np.float32),
        identity_basis=_dm(flame["shapedirs"][..., : min(N_SHAPE, SIZES["identity"])], kept),
        expression_basis=_dm(np.concatenate([expression, jaw], axis=-1), kept),
        mean_color=np.tile(np.float32(SKIN), (len(kept), 1)),
        texture_basis=np.zeros((len(kept), 3, 1), np.float32),
        triangles=triangles,
        uv=cylindrical_uv(vertices) if uv is None else into_unit_square(uv[kept]),
        landmark_indices=new[landmarks],
        name="flame",
    )


def _dm(basis: np.ndarray, kept: np.ndarray) -> np.ndarray:
    return (basis[kept] * DECIMETRES).astype(np.float32)


def read_flame(path: str | PathLike[str]) -> dict[str, np.ndarray]:
    r"""FLAME's arrays in metres: v_template (V, 3), f (F, 3), shapedirs (V, 3, 400), posedirs (V, 3, 36),
    weights (V, 5), J_regressor (5, V).

    Raises:
        FileNotFoundError: no such file.
        ValueError: not FLAME's pickle; one sentence that says what is missing.
    """
    held = read_pickle(path, inert=("chumpy", "scipy"))
    wanted = ("v_template", "f", "shapedirs", "posedirs", "weights", "J_regressor")
    missing = [key for key in wanted if not isinstance(held, dict) or key not in held]
    if missing:
        raise ValueError(f"{path}: no array {missing[0]!r}; expected FLAME's {', '.join(wanted)}")
    arrays = {key: _plain(held[key]) for key in wanted}
    n = len(arrays["v_template"])
    shapes = {"v_template": (n, 3), "posedirs": (n, 3, 36), "weights": (n, 5), "J_regressor": (5, n)}
    wrong = [key for key, shape in shapes.items() if arrays[key].shape != shape]
    if wrong or arrays["shapedirs"].shape[:2] != (n, 3) or arrays["shapedirs"].shape[2] <= N_SHAPE:
        key = wrong[0] if wrong else "shapedirs"
        raise ValueError(f"{path}: {key} has shape {arrays[key].shape}, expected FLAME's for {n} vertices")
    arrays["f"] = arrays["f"].astype(np.int64)
    if arrays["f"].ndim != 2 or arrays["f"].shape[1] != 3 or arrays["f"].max() >= n:
        raise ValueError(f"{path}: f has shape {arrays['f'].shape}, expected (F, 3) ids below {n}")
    return arrays


def _plain(value: Any) -> np.ndarray:
    r"""The numbers of an array, of a chumpy variable (kept under ``x``) or of a scipy sparse matrix."""
    for _ in range(4):  # a chumpy variable may wrap another
        if isinstance(value, Inert) and "x" in value.__dict__:
            value = value.__dict__["x"]
    if isinstance(value, Inert):
        held = value.__dict__
        if {"data", "indices", "indptr"} <= set(held):
            shape = held.get("_shape") or held.get("shape")
            kind = sparse.csr_matrix if len(held["indptr"]) == shape[0] + 1 else sparse.csc_matrix
            return kind((held["data"], held["indices"], held["indptr"]), shape=shape).toarray()
        raise ValueError(f"an object that holds {', '.join(sorted(held))} is no array")
    return np.asarray(value)


def jaw_chords(flame: dict[str, np.ndarray]) -> np.ndarray:
    r"""(V, 3, 3), metres per unit: how the vertices move when the jaw turns about x, y, z by ``JAW_UNIT``."""
    columns = [(_turned(flame, axis, JAW_UNIT) - _turned(flame, axis, -JAW_UNIT)) / 2 for axis in range(3)]
    return np.stack(columns, axis=-1)


def _turned(flame: dict[str, np.ndarray], axis: int, angle: float) -> np.ndarray:
    r"""The template with its jaw turned: pose blend shapes, then linear blend skinning about the jaw's
    joint.
    """
    rotation = Rotation.from_rotvec(angle * np.eye(3)[axis]).as_matrix()
    feature = (rotation - np.eye(3)).reshape(-1)
    first = 9 * (JAW - 1)  # the root joint has no blend shapes
    bent = flame["v_template"] + flame["posedirs"][..., first : first + 9] @ feature
    joint = (flame["J_regressor"] @ flame["v_template"])[JAW]
    weight = flame["weights"][:, JAW, None]
    return bent + weight * ((bent - joint) @ rotation.T + joint - bent)


def flame_landmarks(path: Path, triangles: np.ndarray) -> np.ndarray:
    r"""(68,) vertex ids: of each landmark's triangle the corner with the largest share."""
    corners, shares = landmark_places(path, triangles)[0]
    return corners[np.arange(68), shares.argmax(axis=1)]


def landmark_places(path: Path, triangles: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    r"""Where landmarks lie on the mesh: vertex ids (..., 3) of their triangles, and the corners' shares.

    Args:
        path: ``landmark_embedding.npy``.
        triangles: FLAME's, (F, 3).

    Returns:
        those of the 68, (68, 3); and, where the file has them, the jaw's 17 at each of 79 turns of the head,
        (79, 17, 3): 0, 1 … 39 degrees, then -1, -2 … -39.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; FLAME's 68 landmarks are read from it (DECA has it)")
    held, places = read_npy(path), []
    for name, shape in (("full", (68,)), ("dynamic", (79, 17))):
        keys = f"{name}_lmk_faces_idx", f"{name}_lmk_bary_coords"
        if name == "dynamic" and isinstance(held, dict) and keys[0] not in held:
            continue
        try:
            faces = np.asarray(held[keys[0]]).reshape(shape).astype(np.int64)
            shares = np.asarray(held[keys[1]], np.float64).reshape(*shape, 3)
        except (TypeError, KeyError, IndexError, ValueError) as error:
            expected = f"{' and '.join(keys)} of {shape} landmarks"
            raise ValueError(f"{path}: expected {expected} ({error})") from error
        if not 0 <= faces.min() <= faces.max() < len(triangles):
            raise ValueError(
                f"{path}: landmarks on triangles {faces.min()} to {faces.max()}, expected 0 to "
                f"{len(triangles) - 1}"
            )
        places.append((triangles[faces], shares))
    return places
