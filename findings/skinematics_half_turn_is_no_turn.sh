#!/bin/sh
# scikit-kinematics: the shortest rotation from a vector to its opposite is no rotation at all.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check scikit-kinematics==0.10.4 numpy==2.2.6 scipy==1.17.1
cd "$folder"
MPLBACKEND=agg venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import numpy as np
from skinematics.vector import q_shortest_rotation, rotate_vector

start = np.array([1.0, 0.0, 0.0])
print(f"scikit-kinematics {version('scikit-kinematics')}: the shortest rotation of (1, 0, 0) to")
reached = {}
for degrees in (90, 179.9, 180):
    goal = np.round([np.cos(np.radians(degrees)), np.sin(np.radians(degrees)), 0.0], 12)
    turn = q_shortest_rotation(start, goal)
    reached[degrees] = np.abs(rotate_vector(start, turn) - goal).max()
    print(f"the vector at {degrees} degrees: quaternion vector {turn}, misses it by {reached[degrees]:.4f}")
assert reached[90] < 1e-6 and reached[179.9] < 1e-2, "the behaviour has changed"
assert reached[180] == 2, "the behaviour has changed"
PY
