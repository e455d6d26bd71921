#!/bin/sh
# trimesh and meshio read an OBJ file's relative (negative) indices as other vertices; libigl reads them right.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check trimesh==5.2.0 meshio==5.3.5 libigl==2.6.3 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version
from pathlib import Path

import igl
import meshio
import numpy as np
import trimesh

# "f -3 -2 -1" names the last three vertices so far, so each triangle is the three vertices above it.
Path("two.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf -3 -2 -1\nv 5 0 0\nv 6 0 0\nv 5 1 0\nf -3 -2 -1\n")
truth = [[[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[5, 0, 0], [6, 0, 0], [5, 1, 0]]]
by_trimesh, by_meshio = trimesh.load("two.obj", process=False), meshio.read("two.obj")
by_igl = igl.read_triangle_mesh("two.obj")
triangles = {
    "libigl": by_igl[0][by_igl[1]],
    "trimesh": by_trimesh.vertices[by_trimesh.faces],
    "meshio": by_meshio.points[by_meshio.cells_dict["triangle"]],
}
for name, found in triangles.items():
    print(f"{name} {version(name)}: first corners {found[:, 0].tolist()}, as in the file: {np.array_equal(found, truth)}")
# trimesh counts from the end of the file, so all faces are the last one; meshio is off by one besides.
assert np.array_equal(triangles["libigl"], truth), "the behaviour has changed"
assert np.array_equal(triangles["trimesh"], [truth[1], truth[1]]), "the behaviour has changed"
assert by_meshio.cells_dict["triangle"].tolist() == [[-4, -3, -2]] * 2, "the behaviour has changed"
PY
