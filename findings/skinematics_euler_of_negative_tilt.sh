#!/bin/sh
# scikit-kinematics: the Euler angles of a rotation whose second angle is negative, or whose first or third is beyond 90 degrees, belong to another rotation.
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
from scipy.spatial.transform import Rotation
from skinematics.rotmat import R, sequence

print(f"scikit-kinematics {version('scikit-kinematics')}: R_z(first) R_x(second) R_z(third), and back")
errors = {}
for angles in ((10, 20, 30), (10, -20, 30), (10, 20, 130), (100, 20, 30)):
    matrix = R("z", angles[0]) @ R("x", angles[1]) @ R("z", angles[2])
    found = np.degrees(sequence(matrix, "Euler"))
    again = R("z", found[0]) @ R("x", found[1]) @ R("z", found[2])
    scipy = Rotation.from_euler("ZXZ", Rotation.from_matrix(matrix).as_euler("ZXZ")).as_matrix()
    apart = Rotation.from_matrix(matrix @ again.T).magnitude()
    errors[angles] = round(float(np.degrees(apart)))
    print(f"{angles} becomes {found.round(1)}: {errors[angles]} degrees away; SciPy's is the same matrix: {np.allclose(scipy, matrix)}")
assert errors[10, 20, 30] == 0, "the behaviour has changed"
assert min(errors[10, -20, 30], errors[10, 20, 130], errors[100, 20, 30]) >= 20, "the behaviour has changed"
PY
