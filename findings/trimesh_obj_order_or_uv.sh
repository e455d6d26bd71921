#!/bin/sh
# trimesh reads an OBJ file with a UV seam either with other vertex numbers, or with UVs of other vertices.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check trimesh==5.2.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from pathlib import Path

import numpy as np
import trimesh

# A square of two triangles. Vertices 2 and 3 have one UV in the left triangle and another in the right one.
Path("square.obj").write_text(
    "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\n"
    "vt 0 0\nvt 1 0\nvt 0 1\nvt .5 0\nvt .5 1\nvt 1 1\n"
    "f 1/1 2/2 3/3\nf 2/4 4/6 3/5\n"
)
places = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]])
given = [[(0, 0)], [(1, 0), (0.5, 0)], [(0, 1), (0.5, 1)], [(1, 1)]]  # UVs of each vertex in the file

print(f"trimesh {trimesh.__version__}")
plain = trimesh.load("square.obj", process=False)
print(f"process=False: {len(plain.vertices)} vertices; number 2 (from 0) is {plain.vertices[2].tolist()}")
assert len(plain.vertices) == 6 and not np.array_equal(plain.vertices[2], places[2]), "the behaviour has changed"

kept = trimesh.load("square.obj", process=False, maintain_order=True)
assert np.array_equal(kept.vertices, places), "the behaviour has changed"
wrong = [i for i, uv in enumerate(kept.visual.uv) if tuple(uv.tolist()) not in given[i]]
for i in wrong:
    print(f"maintain_order=True: vertex {i} has the UV {kept.visual.uv[i].tolist()}; the file gives it {given[i]}")
assert wrong, "the behaviour has changed"
PY
