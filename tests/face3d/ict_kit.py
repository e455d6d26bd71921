r"""A folder laid out as ICT-FaceKit's, to the vertex: 26,719 of them in the parts of its README, 53 shapes.

The face is the procedural one with holes for its eyes, moved by the fields of the movements of the same
names; the eyes are balls, the teeth one strip. What the other parts have left over is used by no triangle.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from matplotlib.path import Path as Outline

from dnt_core.face3d.ict import FACE_VERTICES, N_VERTICES
from dnt_core.face3d.ict_head import PARTS
from dnt_core.face3d.procedural import bases, movements
from dnt_core.face3d.procedural.annulus_mesh import triangulate
from tests.face3d.scan_files import waves


def write_ict_kit(folder: Path, identities: int = 2) -> None:
    r"""Writes ``FaceXModel`` into ``folder``."""
    place = folder / "FaceXModel"
    place.mkdir(parents=True, exist_ok=True)
    flat, triangles, marks = triangulate(6_000)
    middle = flat[triangles].mean(axis=1)
    for first in (36, 42):
        triangles = triangles[~Outline(flat[marks[first : first + 6]]).contains_points(middle)]
        middle = flat[triangles].mean(axis=1)
    face = bases.mean_position(flat) * 10
    assert len(face) <= FACE_VERTICES
    vertices = np.zeros((N_VERTICES, 3))
    vertices[: len(face)] = face
    faces, ends = [triangles], {name: end for name, end, _ in PARTS}
    for side, first in (("left", 42), ("right", 36)):
        centre = face[marks[first : first + 6]].mean(axis=0) - [0, 0, 1.1]
        ball, round_it = _ball(centre, 1.2)
        start = ends["right iris"] - 1570 * (2 if side == "left" else 1)
        vertices[start : start + len(ball)] = ball
        faces.append(round_it + start)
    strip = np.stack(np.meshgrid(np.linspace(-2, 2, 20), [-4.0, -3.4], [9.0]), -1).reshape(-1, 3)
    start = ends["gums and tongue"]
    vertices[start : start + 40] = strip * [1, 1, 0] + [0, 0, face[:, 2].max() - 3.2]
    k = np.arange(19)
    faces += [start + np.stack(corners, -1) for corners in ((k, k + 1, k + 21), (k, k + 21, k + 20))]
    low, high = flat.min(axis=0), flat.max(axis=0)
    uv = np.zeros((N_VERTICES, 2))
    uv[: len(flat)] = (flat - low) / (high - low).max()
    corner_lines = [f"f {' '.join(f'{i}/{i}' for i in corner)}" for corner in np.concatenate(faces) + 1]
    rest = [f"vt {u:.6f} {v:.6f}" for u, v in uv] + corner_lines
    (place / "generic_neutral_mesh.obj").write_text("\n".join(_lines(vertices) + rest + [""]))
    fields = movements.displacement_fields(flat)
    for column, name in enumerate(movements.MEASURED):
        moved = vertices.copy()
        moved[: len(face)] += fields[..., column]
        (place / f"{name}.obj").write_text("\n".join(_lines(moved)) + "\n")
    for seed in range(identities):
        moved = vertices + waves(vertices / 10, 1, 0.2, seed)[..., 0] * (vertices != 0).any(axis=1)[:, None]
        (place / f"identity{seed:03d}.obj").write_text("\n".join(_lines(moved)) + "\n")
    indices = {"expressions": list(movements.MEASURED), "idx_to_landmark_verts": marks.tolist()}
    (place / "vertex_indices.json").write_text(json.dumps(indices))


def _lines(vertices: np.ndarray) -> list[str]:
    return [f"v {x:.4f} {y:.4f} {z:.4f}" if x or y or z else "v 0 0 0" for x, y, z in vertices]


def _ball(centre: np.ndarray, radius: float, rings: int = 24) -> tuple[np.ndarray, np.ndarray]:
    r"""Vertices (rings², 3) and triangles of the front half of a ball, counter-clockwise from outside."""
    x, y = np.meshgrid(np.linspace(-1, 1, rings), np.linspace(-1, 1, rings))
    z = np.sqrt(np.maximum(1 - (x**2 + y**2) / 2.1, 0.0))
    ball = centre + radius * np.stack([x, y, z], -1).reshape(-1, 3)
    row, column = np.meshgrid(np.arange(rings - 1), np.arange(rings - 1), indexing="ij")
    a = (row * rings + column).reshape(-1)
    return ball, np.concatenate(
        [np.stack([a, a + 1, a + rings + 1], -1), np.stack([a, a + rings + 1, a + rings], -1)]
    )
