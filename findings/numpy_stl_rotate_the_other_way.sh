#!/bin/sh
# numpy-stl: rotate() turns a mesh clockwise about the axis; transform() with the matrix of the same turn, anticlockwise.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy-stl==4.1.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from stl.mesh import Mesh


def triangle():
    mesh = Mesh(np.zeros(1, Mesh.dtype))
    mesh.vectors[0] = np.eye(3)
    return mesh


quarter = np.eye(4)
quarter[:2, :2] = [[0, -1], [1, 0]]  # a quarter turn about z: x to y
by_rotate, by_transform = triangle(), triangle()
by_rotate.rotate([0, 0, 1], np.pi / 2)
by_transform.transform(quarter)
print(f"numpy-stl {version('numpy-stl')}; the point (1, 0, 0) after a quarter turn about z")
for name, mesh in (("rotate", by_rotate), ("transform", by_transform)):
    print(f"{name}: {mesh.vectors[0, 0].round(3).tolist()}")
assert np.allclose(by_transform.vectors[0], [[0, 1, 0], [-1, 0, 0], [0, 0, 1]], atol=1e-6), "the behaviour has changed"
assert np.allclose(by_rotate.vectors[0], [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-6), "the behaviour has changed"
PY
