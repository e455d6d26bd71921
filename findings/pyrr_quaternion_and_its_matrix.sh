#!/bin/sh
# pyrr: a Quaternion turns a vector one way, and the matrix of the same Quaternion turns it the other way.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyrr==0.10.3 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from pyrr import Matrix33, Quaternion, Vector3

turn, y = Quaternion.from_x_rotation(0.3), Vector3([0.0, 1.0, 0.0])
found = {
    "quaternion * vector": turn * y,
    "quaternion.matrix33 * vector": turn.matrix33 * y,
    "Matrix33.from_x_rotation * vector": Matrix33.from_x_rotation(0.3) * y,
}
print(f"pyrr {version('pyrr')}; the y axis turned by 0.3 about x")
for name, vector in found.items():
    print(f"{name}: {np.array(vector).round(3).tolist()}")
# From y towards z is right-handed: the quaternion does so, its matrix does not.
ways = [[0, np.cos(0.3), sign * np.sin(0.3)] for sign in (1, -1, -1)]
assert np.allclose(np.array(list(found.values())), ways), "the behaviour has changed"
assert np.allclose(np.array(turn.matrix33.quaternion), np.array(turn))  # back from the matrix it is the same
PY
