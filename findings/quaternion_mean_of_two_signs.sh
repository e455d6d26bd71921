#!/bin/sh
# numpy-quaternion: the chordal mean of two rotations depends on the sign of their quaternions, which are the same rotations: of turns by 10 and 20 degrees it is 15 or -165.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy-quaternion==2024.0.13 numpy==1.26.4 scipy==1.12.0
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
import quaternion
from scipy.spatial.transform import Rotation

a, b = (quaternion.from_rotation_vector([0, 0, np.radians(angle)]) for angle in (10, 20))
assert np.allclose(quaternion.as_rotation_matrix(b), quaternion.as_rotation_matrix(-b))
print(f"numpy-quaternion {version('numpy-quaternion')}: turns about z by 10 and 20 degrees")
means = []
for name, pair in (("as they are", [a, b]), ("the second with its sign changed", [a, -b])):
    mean = quaternion.mean_rotor_in_chordal_metric(pair)
    means.append(float(np.degrees(quaternion.as_rotation_vector(mean)[2])))
    scalar_last = [[q.x, q.y, q.z, q.w] for q in pair]
    print(f"{name}: {means[-1]:.1f} degrees; SciPy {Rotation.from_quat(scalar_last).mean().as_rotvec(degrees=True)[2]:.1f}")
assert np.allclose(means, [15, -165]), "the behaviour has changed"
PY
