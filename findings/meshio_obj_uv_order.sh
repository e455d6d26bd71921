#!/bin/sh
# meshio gives an OBJ file's texture coordinates in the order of the file, as if they were the vertices'.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check meshio==5.3.5 trimesh==5.2.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from pathlib import Path

import meshio
import numpy as np
import trimesh

# One UV for each vertex, without a seam, but the list of UVs is not in the order of the vertices.
Path("one.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 1 0\nvt 0 1\nvt 0 0\nf 1/3 2/1 3/2\n")
truth = [[0, 0], [1, 0], [0, 1]]
mesh = meshio.read("one.obj")
other = trimesh.load("one.obj", process=False)
print(f"meshio {meshio.__version__}, trimesh {trimesh.__version__}; the face says that vertex 0 has UV {truth[0]}")
print("meshio: point_data['obj:vt'] =", mesh.point_data["obj:vt"].tolist())
print("trimesh: uv =", other.visual.uv.tolist())
# point_data is one value per point, so each vertex gets the UV of another one.
assert np.array_equal(mesh.point_data["obj:vt"], [[1, 0], [0, 1], [0, 0]]), "the behaviour has changed"
assert np.array_equal(other.visual.uv, truth), "the behaviour has changed"
PY
