r"""Files in the formats of ICT-FaceKit, FLAME and the Basel models 2017/2019, around a dome of our own."""

from __future__ import annotations

import json
import pickle
import sys
import types
from pathlib import Path

import numpy as np
import torch
from scipy import sparse
from scipy.spatial import cKDTree

from dnt_core.face3d.bfm.h5_file import NAMED
from dnt_core.face3d.procedural import bases, flat_domain

MOUTH, EYES = (-0.45, -0.33, -0.2, 0.2), ((0.25, 0.37, -0.45, -0.2), (0.25, 0.37, 0.2, 0.45))


def dome(holes=(MOUTH,), side: int = 30) -> tuple[np.ndarray, np.ndarray]:
    r"""Vertices (V, 3) in decimetres of a face-sized dome, and its quads (Q, 4); holes are (low y, high y,
    low x,
    high x)."""
    x, y = np.meshgrid(np.linspace(-0.75, 0.75, side), np.linspace(-0.95, 0.95, side))
    vertices = np.stack([x, y, 0.6 - 0.7 * (x**2 + 0.6 * y**2)], -1).reshape(-1, 3)
    row, column = np.meshgrid(np.arange(side - 1), np.arange(side - 1), indexing="ij")
    first = (row * side + column).reshape(-1)
    quads = np.stack([first, first + 1, first + side + 1, first + side], -1)
    middle = vertices[quads].mean(axis=1)
    for low_y, high_y, low_x, high_x in holes:
        inside = (
            (middle[:, 1] > low_y)
            & (middle[:, 1] < high_y)
            & (middle[:, 0] > low_x)
            & (middle[:, 0] < high_x)
        )
        quads, middle = quads[~inside], middle[~inside]
    kept = np.unique(quads)
    return vertices[kept], np.searchsorted(kept, quads)


def triangles_of(quads: np.ndarray) -> np.ndarray:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def landmarks_on(vertices: np.ndarray) -> np.ndarray:
    source = bases.mean_position(flat_domain.landmarks_flat())
    return cKDTree(vertices[:, :2]).query(source[:, :2] * [0.9, 0.9])[1]


def waves(vertices: np.ndarray, columns: int, scale: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    phase = vertices @ rng.normal(size=(3, 3 * columns)) * 3 + rng.uniform(0, 6, 3 * columns)
    return scale * np.sin(phase).reshape(len(vertices), 3, columns)


# ---- ICT-FaceKit: OBJs in centimetres ----


def write_ict(folder: Path, identities: int = 3, expressions=("jawOpen", "mouthSmile_L")) -> dict:
    r"""A FaceXModel folder: the face first, then vertices of "teeth" that belong to no face triangle."""
    folder.mkdir(parents=True, exist_ok=True)
    vertices, quads = dome((MOUTH, *EYES))
    teeth = np.array([[0, -0.4, 0.2], [0.1, -0.4, 0.2], [0.1, -0.3, 0.2], [0, -0.3, 0.2]])
    everything = np.concatenate([vertices, teeth]) * 10
    uv = np.concatenate([vertices[:, :2] / 2.2 + 0.5, [[1.1, 0.1], [1.2, 0.1], [1.2, 0.2], [1.1, 0.2]]])
    faces = np.concatenate([quads, len(vertices) + np.array([[0, 1, 2, 3]])]) + 1

    def obj(positions: np.ndarray) -> str:
        lines = [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in positions]
        lines += [f"vt {u:.6f} {v:.6f}" for u, v in uv]
        return "\n".join(
            [*lines, "usemtl skin", *(f"f {' '.join(f'{i}/{i}' for i in q)}" for q in faces), ""]
        )

    (folder / "generic_neutral_mesh.obj").write_text(obj(everything))
    moved = {}
    names = [f"identity{k:03d}" for k in range(identities)] + list(expressions)
    for seed, name in enumerate(names):
        moved[name] = waves(everything / 10, 1, 0.3, seed)[..., 0]
        (folder / f"{name}.obj").write_text(obj(everything + moved[name]))
    landmarks = landmarks_on(vertices).tolist()
    (folder / "vertex_indices.json").write_text(
        json.dumps({"expressions": list(expressions), "idx_to_landmark_verts": landmarks})
    )
    return {"vertices": vertices, "moved": moved, "landmarks": landmarks, "quads": quads}


# ---- Basel 2017 and 2019: HDF5 in millimetres ----


def write_h5(path: Path, change=None) -> dict:
    import h5py

    vertices, quads = dome()
    triangles = triangles_of(quads)
    landmarks = landmarks_on(vertices)
    arrays: dict = {"shape/representer/cells": triangles.T.astype(np.uint32)}
    n = 3 * len(vertices)
    for seed, (group, count) in enumerate({"shape": 199, "expression": 100, "color": 199}.items()):
        mean = {"shape": vertices * 100 + 7, "expression": 0 * vertices, "color": 0 * vertices + 0.5}[group]
        basis = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, count)))[0]
        arrays[f"{group}/model/mean"] = mean.reshape(-1).astype(np.float32)
        arrays[f"{group}/model/pcaBasis"] = basis.astype(np.float32)
        arrays[f"{group}/model/pcaVariance"] = np.linspace(40, 0.1, count).astype(np.float32) ** 2
    points = [
        {"id": name, "coordinates": (vertices[landmarks[i]] * 100 + 7).tolist()} for name, i in NAMED.items()
    ]
    arrays["metadata/landmarks/json"] = np.array([json.dumps(points).encode()])
    arrays = {**arrays, **(change(arrays) if change else {})}
    with h5py.File(path, "w") as file:
        for key, value in arrays.items():
            if value is not None:
                file[key] = value
    return {**arrays, "vertices": vertices, "triangles": triangles, "landmarks": landmarks}


# ---- FLAME: a pickle of chumpy variables and a scipy matrix, in metres ----


def write_flame(folder: Path, template: bool = True, drop: str = "", seed: int = 0) -> dict:
    r"""generic_model.pkl with a stand-in chumpy, landmark_embedding.npy, and head_template.obj.

    As in DECA's embedding the outlines are tensors; turned to either side, the jaw's landmarks are those of
    the brows and the nose's bridge.
    """
    vertices, quads = dome((MOUTH, *EYES))
    ball = np.array([[0.3, 0.3, 0.2], [0.4, 0.3, 0.2], [0.35, 0.4, 0.2], [0.35, 0.33, 0.3]])  # an "eyeball"
    n_face, triangles = len(vertices), triangles_of(quads)
    everything = np.concatenate([vertices, ball]) / 10
    triangles = np.concatenate([triangles, n_face + np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])])
    n = len(everything)
    weights = np.zeros((n, 5))
    weights[:, 2] = np.clip(-everything[:, 1] * 10, 0, 1)  # the lower half follows the jaw
    weights[:, 1] = 1 - weights[:, 2]
    regressor = np.zeros((5, n))
    regressor[:, everything[:, 1].argmax()] = 1
    chumpy, inner = types.ModuleType("chumpy"), types.ModuleType("chumpy.ch")

    class Ch:
        def __init__(self, x):
            self.x = x

    Ch.__module__, Ch.__qualname__, inner.Ch = "chumpy.ch", "Ch", Ch
    held = {
        "v_template": Ch(everything), "f": triangles.astype(np.uint32), "weights": Ch(weights),
        "shapedirs": Ch(waves(everything, 400, 1e-4, seed)), "posedirs": np.zeros((n, 3, 36)),
        "J_regressor": sparse.csc_matrix(regressor), "bs_style": "lbs",
        "kintree_table": np.array([[4294967295, 0, 1, 1, 1], [0, 1, 2, 3, 4]]),
    }  # fmt: skip
    held.pop(drop, None)
    sys.modules |= {"chumpy": chumpy, "chumpy.ch": inner}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "generic_model.pkl").write_bytes(pickle.dumps(held, protocol=2))
    finally:
        del sys.modules["chumpy"], sys.modules["chumpy.ch"]
    landmarks = landmarks_on(vertices)
    faces = np.array([np.nonzero((triangles == v).any(axis=1))[0][0] for v in landmarks])
    shares = 0.7 * (triangles[faces] == landmarks[:, None]) + 0.1
    jaw = np.concatenate([np.arange(17)[None], np.tile(np.arange(17, 34), (78, 1))])
    embedding = {
        "full_lmk_faces_idx": faces[None], "full_lmk_bary_coords": shares[None],
        "dynamic_lmk_faces_idx": torch.from_numpy(faces[jaw]),
        "dynamic_lmk_bary_coords": torch.from_numpy(shares[jaw]).float(),
    }  # fmt: skip
    np.save(folder / "landmark_embedding.npy", np.array(embedding, dtype=object), allow_pickle=True)
    if template:
        lines = [f"v {x} {y} {z}" for x, y, z in everything]
        lines += [f"vt {x * 4.5 + 0.5} {y * 4.5 + 0.5}" for x, y, _ in everything]
        lines += [f"f {' '.join(f'{i + 1}/{i + 1}' for i in t)}" for t in triangles]
        (folder / "head_template.obj").write_text("\n".join(lines))
    at = np.einsum("lk,lkc->lc", shares, everything[triangles[faces]])
    return {"vertices": vertices, "landmarks": landmarks, "weights": weights, "at": at}
