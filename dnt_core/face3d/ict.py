r"""ICT-FaceKit (MIT): a face model from real scans, read from its folder of OBJ files.

``generic_neutral_mesh.obj`` has 26,719 vertices in centimetres, of which 0 to 6,705 are the face without
ears, neck and insides; ``identity000.obj`` … and one OBJ per expression name whole heads with one
coefficient at 1, and ``vertex_indices.json`` the expressions and the 68 landmarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from dnt_core.face3d.bfm.validation import decimetres
from dnt_core.face3d.mesh_parts import SKIN, into_unit_square, used_vertices, uv_without_seams
from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.face3d.parameters import SIZES
from dnt_core.plain_files import read_json

NEUTRAL, INDICES = "generic_neutral_mesh.obj", "vertex_indices.json"
N_VERTICES = 26_719
FACE_VERTICES = 6_706  # the narrow face: the first vertices of every file
PER_DECIMETRE = 10.0  # centimetres
LOOPS = 4  # rim, mouth, two eyes


def load_ict(folder: str | PathLike[str], face_vertices: int = FACE_VERTICES) -> MorphableModel:
    r"""The narrow face of ICT-FaceKit: 6,706 vertices, 13,120 triangles, holes for the mouth and the two
    eyes.

    Identity is the first 80 of its 100 modes, expression its 53 shapes (the other 11 of 64 coefficients do
    nothing). Each shape has its column by its name (:func:`shape_columns`), so that numbers mean the same
    whatever order a version of the kit lists its shapes in. It has no colours: the albedo is one skin colour
    and the texture coefficients do nothing.

    Args:
        folder: ICT-FaceKit's, or its ``FaceXModel`` folder.
        face_vertices: how many of the first vertices are the face.

    Raises:
        FileNotFoundError: the folder lacks a file.
        ValueError: a file that is not the face kit's; one sentence that names it.
    """
    folder, config = read_folder(folder)
    vertices, uv, corners = read_obj(folder / NEUTRAL)
    if len(vertices) < face_vertices:
        raise ValueError(f"{folder / NEUTRAL}: {len(vertices)} vertices, expected {N_VERTICES}")
    corners = corners[(corners[..., 0] < face_vertices).all(axis=1)]
    triangles, uv_triangles = corners[..., 0], corners[..., 1]
    uv, whole = uv_without_seams(triangles, uv_triangles, uv, len(vertices))
    triangles, kept, _ = used_vertices(triangles[whole], len(vertices))
    mean = vertices[kept] / PER_DECIMETRE
    decimetres(folder / NEUTRAL, mean)

    def differences(names: list[str]) -> np.ndarray:
        return read_differences(folder, names, vertices[:face_vertices] / PER_DECIMETRE)[kept]

    identities = sorted(path.stem for path in folder.glob("identity[0-9][0-9][0-9].obj"))[: SIZES["identity"]]
    if not identities:
        raise FileNotFoundError(f"{folder} has no identity000.obj; expected ICT-FaceKit's FaceXModel folder")
    if max(config["idx_to_landmark_verts"]) >= face_vertices:  # so in versions that count otherwise
        raise ValueError(
            f"{folder / INDICES}: a landmark is vertex {max(config['idx_to_landmark_verts'])}, but the face "
            f"is the first {face_vertices}: expected a version of ICT-FaceKit whose README says so"
        )
    landmarks = cKDTree(mean).query(vertices[config["idx_to_landmark_verts"]] / PER_DECIMETRE)[1]
    return MorphableModel.of_file(
        folder,
        LOOPS,
        mean_shape=(mean - mean.mean(axis=0)).astype(np.float32),
        identity_basis=differences(identities).astype(np.float32),
        expression_basis=differences(config["expressions"]).astype(np.float32),
        mean_color=np.tile(np.float32(SKIN), (len(kept), 1)),
        texture_basis=np.zeros((len(kept), 3, 1), np.float32),
        triangles=triangles,
        uv=into_unit_square(uv[kept]),
        landmark_indices=landmarks,
        name="ict",
    )


def read_folder(folder: str | PathLike[str]) -> tuple[Path, dict]:
    r"""The FaceXModel folder, and its ``vertex_indices.json``: "expressions", as :func:`shape_columns` puts
    them, and "idx_to_landmark_verts".

    Args:
        folder: ICT-FaceKit's, or its ``FaceXModel`` folder.

    Raises:
        FileNotFoundError: the folder lacks a file.
        ValueError: the JSON is another one.
    """
    folder = Path(folder)
    folder = next((f for f in (folder, folder / "FaceXModel") if (f / NEUTRAL).is_file()), folder)
    for name in (NEUTRAL, INDICES):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder} has no {name}; expected ICT-FaceKit's FaceXModel folder")
    config = _indices(folder / INDICES)
    return folder, config | {"expressions": shape_columns(config["expressions"])}


def shape_columns(names: Sequence[str]) -> list[str | None]:
    r"""The shape of each expression column, at most 64 of them.

    The kit's 53 shapes have the columns that the released version gives them, None where a version lacks one;
    further shapes of other versions, such as ``cheekRaiser_L``, follow in alphabetical order.

    Args:
        names: as a version of the kit lists them.

    Examples:
        >>> columns = shape_columns(["puff_R", "jawOpen", "browDown_L", "puff_L"])
        >>> columns[0], columns.index("jawOpen"), columns[53:], columns.count(None)
        ('browDown_L', 26, ['puff_L', 'puff_R'], 51)
    """
    from dnt_core.face3d.procedural.movements import MEASURED

    usual = [name if name in names else None for name in MEASURED]
    return (usual + sorted(set(names) - set(MEASURED)))[: SIZES["expression"]]


def read_differences(folder: Path, names: Sequence[str | None], mean: np.ndarray) -> np.ndarray:
    r"""(V, 3, N) decimetres that the first vertices of N of the folder's shapes lie beside ``mean``.

    Args:
        folder: FaceXModel.
        names: of its OBJs, without the ending; None: a shape that does nothing.
        mean: (V, 3) decimetres, of the neutral head's first vertices.
    """
    moved = np.zeros((len(mean), 3, len(names)))
    for column, name in enumerate(names):
        if name is not None:
            moved[..., column] = _first_vertices(folder / f"{name}.obj", len(mean)) / PER_DECIMETRE - mean
    return moved


def _indices(path: Path) -> dict:
    try:
        config = read_json(path)
        expressions, landmarks = config["expressions"], config["idx_to_landmark_verts"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: expected JSON with 'expressions' and 'idx_to_landmark_verts' ({error})"
        ) from error
    whole = all(isinstance(i, int) and i >= 0 for i in landmarks)
    if not whole or not all(isinstance(name, str) for name in expressions):
        raise ValueError(f"{path}: expected indices of vertices as landmarks and names as expressions")
    if len(landmarks) != 68 or not expressions:
        raise ValueError(
            f"{path}: {len(landmarks)} landmarks and {len(expressions)} expressions, expected 68 and 53"
        )
    return config


def _first_vertices(path: Path, count: int) -> np.ndarray:
    r"""The first vertices (count, 3) of an OBJ, without reading the rest of it."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; expected ICT-FaceKit's whole FaceXModel folder")
    numbers: list[str] = []
    with open(path, encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("v "):
                numbers += line.split()[1:4]
                if len(numbers) == 3 * count:
                    break
    if len(numbers) < 3 * count:
        raise ValueError(f"{path}: {len(numbers) // 3} vertices, expected {count} or more")
    try:
        return np.array(numbers, dtype=np.float64).reshape(-1, 3)
    except ValueError as error:
        raise ValueError(f"{path}: a vertex is not three numbers ({error})") from error


def read_obj(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Vertices (V, 3), texture coordinates (U, 2), and corners (F, 3, 2) of vertex and UV ids from 0.

    Polygons become fans of triangles.
    """
    vertices, uv, corners = [], [], []
    try:
        for line in path.read_text(encoding="ascii", errors="replace").splitlines():
            kind, *fields = line.split() or [""]
            if kind == "v":
                vertices.append([float(x) for x in fields[:3]])
            elif kind == "vt":
                uv.append([float(x) for x in fields[:2]])
            elif kind == "f":
                polygon = [[int(i) - 1 for i in field.split("/")[:2]] for field in fields]
                corners += [[polygon[0], polygon[k], polygon[k + 1]] for k in range(1, len(polygon) - 1)]
        made = np.array(vertices, float), np.array(uv, float), np.array(corners, np.int64)
    except (ValueError, OverflowError, IndexError) as error:
        raise ValueError(f"{path}: not an OBJ with texture coordinates ({error})") from error
    if made[0].ndim != 2 or made[1].ndim != 2 or made[2].ndim != 3 or made[2].shape[-1] != 2:
        raise ValueError(f"{path}: expected vertices, texture coordinates and faces 'v/vt'")
    if made[2].min() < 0 or (made[2].max(axis=(0, 1)) >= (len(vertices), len(uv))).any():
        raise ValueError(f"{path}: a face names vertices or texture coordinates that are not there")
    return made
