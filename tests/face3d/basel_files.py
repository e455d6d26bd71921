r"""Files with the keys, shapes and index conventions of the Basel files, around a face of our own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.io import savemat
from scipy.spatial import Delaunay

FULL = {"n_vertices": 35_709, "n_rim": 551, "n_mouth": 78}


def annulus(n_vertices: int, n_rim: int, n_mouth: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    r"""Points (V, 2) in a disc with a hole, and their 2V - n_rim - n_mouth triangles, counter-clockwise."""
    rng = np.random.default_rng(seed)

    def circle(n: int, radius: float) -> np.ndarray:
        angle = 2 * np.pi * np.arange(n) / n
        return radius * np.stack([np.cos(angle), np.sin(angle)], -1)

    hole = 0.15
    n_free = n_vertices - n_rim - n_mouth
    gap = 3 * hole / n_mouth  # keeps other points away, so that the hole's edges are in the triangulation
    radius = np.sqrt(rng.uniform((hole + gap) ** 2, 0.97**2, n_free))
    angle = rng.uniform(0, 2 * np.pi, n_free)
    free = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], -1)
    points = np.concatenate([circle(n_mouth, hole), circle(n_rim, 1.0), free])
    triangles = Delaunay(points).simplices.astype(np.int64)
    triangles = triangles[(triangles >= n_mouth).any(axis=1)]  # those of mouth points alone fill the hole
    a, b, c = (points[triangles[:, k]] for k in range(3))
    turn = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    triangles[turn < 0] = triangles[turn < 0][:, [0, 2, 1]]
    return points, triangles


def basel_arrays(n_vertices=400, n_rim=40, n_mouth=16, seed=0) -> dict[str, np.ndarray]:
    r"""The arrays of ``BFM_model_front.mat`` (1-based, colours to 255), and the UV under ``_uv``."""
    rng = np.random.default_rng(seed)
    points, triangles = annulus(n_vertices, n_rim, n_mouth, seed)
    depth = 0.7 * np.cos(points).prod(1, keepdims=True)
    shape = np.concatenate([0.9 * points, depth], axis=1) + np.array([0.01, -0.02, 0.3])
    n_faces = len(triangles)
    point_buf = np.full((n_vertices, 8), n_faces)
    filled = np.zeros(n_vertices, int)
    for face, corners in enumerate(triangles):
        for vertex in corners:
            if filled[vertex] < 8:
                point_buf[vertex, filled[vertex]] = face
                filled[vertex] += 1

    def basis(columns: int, scale: float) -> np.ndarray:
        deviations = scale * np.linspace(1, 0.1, columns)
        return rng.standard_normal((3 * n_vertices, columns), dtype=np.float32) * deviations.astype(
            np.float32
        )

    return {
        "meanshape": shape.reshape(1, -1).astype(np.float32),
        "meantex": rng.uniform(40, 220, (1, 3 * n_vertices)).astype(np.float32),
        "idBase": basis(80, 0.01),
        "exBase": basis(64, 0.01),
        "texBase": basis(80, 5.0),
        "tri": (triangles + 1).astype(np.float64),
        "point_buf": (point_buf + 1).astype(np.float64),
        "tri_mask2": (triangles[: n_faces // 2] + 1).astype(np.float64),
        "keypoints": rng.integers(1, n_vertices + 1, (1, 68)).astype(np.float64),
        "frontmask2_idx": np.arange(1, n_vertices // 2 + 1)[:, None].astype(np.float64),
        "skinmask": np.ones((1, n_vertices)),
        "_uv": 0.5 + 0.45 * points,
    }


def write_mat(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    savemat(path, {key: value for key, value in arrays.items() if not key.startswith("_")})
    return path


def to_chj(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    r"""The same face as the .chj has it: its eleven arrays in order, from 0, colours to 1."""
    order = (
        "meanshape idBase exBase meantex texBase tri keypoints frontmask2_idx tri_mask2 point_buf skinmask"
    )
    made = {key: arrays[key] for key in order.split()}
    made["meantex"], made["texBase"] = made["meantex"] / np.float32(255), made["texBase"] / np.float32(255)
    for key in ("tri", "keypoints", "frontmask2_idx", "tri_mask2", "point_buf"):
        made[key] = (made[key] - 1).astype(np.int32 if key != "tri" else np.int64)
    made["skinmask"] = made["skinmask"].astype(bool)
    return made


def write_chj(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    codes = {"int32": 0, "float32": 1, "int64": 2, "float64": 3, "bool": 4, "uint8": 5}
    data = np.int32(len(arrays)).tobytes()
    for value in arrays.values():
        header = [value.ndim, *value.shape, codes[value.dtype.name]]
        data += np.array(header, "<i4").tobytes() + np.ascontiguousarray(value).tobytes()
    path.write_bytes(data)
    return path


def write_uv(folder: Path, uv: np.ndarray, first=1, n_all: int | None = None, seed=0) -> None:
    r"""``BFM_UV.mat`` for ``n_all`` vertices; ``select_vertex_id.mat`` picks the face's."""
    n_all = n_all or len(uv) + 200
    selected = np.sort(np.random.default_rng(seed).choice(n_all, len(uv), replace=False))
    everything = np.random.default_rng(seed).uniform(0, 1, (n_all, 2))
    everything[selected] = uv
    savemat(folder / "BFM_UV.mat", {"UV": everything})
    savemat(folder / "select_vertex_id.mat", {"select_id": (selected + first)[:, None].astype(np.float64)})
