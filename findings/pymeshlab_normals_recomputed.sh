#!/bin/sh
# pymeshlab's Mesh takes v_normals_matrix and puts normals of its own, not even of length 1, in its place.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pymeshlab==2025.7.post1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
import pymeshlab

vertices = np.array([[0, 0, 0], [2, 0, 0], [0, 3, 0], [2, 3, 0]], float)
faces = np.array([[0, 1, 2], [1, 3, 2]])
given = np.tile([0.6, 0.0, 0.8], (4, 1))  # smooth shading of a curved surface, say
mesh = pymeshlab.Mesh(vertex_matrix=vertices, face_matrix=faces, v_normals_matrix=given)
kept = mesh.vertex_normal_matrix()
alone = pymeshlab.Mesh(vertex_matrix=vertices, v_normals_matrix=given).vertex_normal_matrix()
print(f"pymeshlab {version('pymeshlab')}; normals given: {given[0].tolist()} for each vertex")
print("normals of the mesh:          ", kept.round(3).tolist())
print("normals of its points, no face:", alone.round(3).tolist())
assert not np.allclose(kept, given, atol=0.1) and np.allclose(kept[:, :2], 0), "the behaviour has changed"
PY
