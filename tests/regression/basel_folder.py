r"""A user's data of another face model: a Basel-shaped ``.mat``, and clips whose caches hold its numbers.

The face is ours, so that films and numbers agree; everything by which a Basel file differs is there: the
order of the vertices and triangles, other columns in its bases, colours to 255, indices from 1, a mean
vertex that the reader subtracts, UVs in a file of their own, caches with a crop and without a truth.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from dnt_core.clips import face_cache_path, read_face_cache, scan, write_face_cache
from dnt_core.face3d import load_face_model, rotation_matrix
from dnt_core.tracking.segment_fit import ANGLES, EXPRESSION, IDENTITY, TRANSLATION
from tests.face3d.basel_files import write_mat, write_uv


def turned(columns: int, seed: int) -> np.ndarray:
    r"""A random orthogonal (columns, columns)."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(columns, columns)))[0]


OTHER_COLUMNS = {"identity": turned(80, 1), "expression": turned(64, 2)}


def write_basel_model(folder: Path, source: str) -> Path:
    r"""``BFM_model_front.mat`` and its UV files around the face model ``source``; the .mat's path."""
    model, rng = load_face_model(source), np.random.default_rng(0)
    order = rng.permutation(model.n_vertices)
    place = np.argsort(order)

    def flat(vertices: torch.Tensor) -> np.ndarray:
        return vertices.numpy()[order].reshape(3 * model.n_vertices, -1)

    bases = {name: flat(getattr(model, f"{name}_basis")) @ turn for name, turn in OTHER_COLUMNS.items()}
    folder.mkdir(parents=True, exist_ok=True)
    write_uv(folder, model.uv.numpy()[order])
    return write_mat(
        folder / "BFM_model_front.mat",
        {
            "meanshape": flat(model.mean_shape).T,
            "meantex": 255 * flat(model.mean_color).T,
            "idBase": bases["identity"],
            "exBase": bases["expression"],
            "texBase": 255 * flat(model.texture_basis),
            "tri": place[rng.permutation(model.triangles.numpy())] + 1.0,
            "keypoints": place[model.landmark_indices.numpy()][None] + 1.0,
        },
    )


def give_basel_numbers(folder: Path, source: str) -> None:
    r"""Rewrites the actor's caches: the same faces in the numbers of :func:`write_basel_model`."""
    middle = load_face_model(source).mean_shape.double().mean(dim=0).numpy()
    for clip in scan(folder):
        cache = read_face_cache(face_cache_path(clip.video))
        rows = cache.parameters.astype(np.float64)
        rows[:, IDENTITY] = rows[:, IDENTITY] @ OTHER_COLUMNS["identity"]
        rows[:, EXPRESSION] = rows[:, EXPRESSION] @ OTHER_COLUMNS["expression"]
        turn = rotation_matrix(torch.from_numpy(rows[:, ANGLES])).numpy()
        rows[:, TRANSLATION] += turn @ middle
        height, width = cache.image_size
        changed = replace(
            cache, parameters=rows.astype(np.float32), face_model="bfm2009", source="a network",
            crop=(0, 0, height, width), landmarks=None, truth_parameters=None, speech_expression=None,
            truth_intensity=None,
        )  # fmt: skip
        write_face_cache(clip.video, changed)
