#!/bin/sh
# pyquaternion's yaw_pitch_roll gives other angles than those of yaw, then pitch, then roll, each about the turned axes.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyquaternion==0.9.9 scipy==1.17.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from pyquaternion import Quaternion
from scipy.spatial.transform import Rotation

given = [50, 20, 10]  # degrees: yaw about z, pitch about y, roll about x
yaw, pitch, roll = (
    Quaternion(axis=axis, degrees=angle) for axis, angle in zip(([0, 0, 1], [0, 1, 0], [1, 0, 0]), given)
)
turned, fixed = yaw * pitch * roll, roll * pitch * yaw
found = {name: np.degrees(q.yaw_pitch_roll) for name, q in (("turned", turned), ("fixed", fixed))}
by_scipy = Rotation.from_matrix(turned.rotation_matrix).as_euler("ZYX", degrees=True)
print(f"pyquaternion {version('pyquaternion')}, scipy {version('scipy')}; yaw, pitch, roll of {given}")
print("yaw * pitch * roll, by scipy:       ", by_scipy.round(1).tolist())
print("yaw * pitch * roll, yaw_pitch_roll: ", found["turned"].round(1).tolist())
print("roll * pitch * yaw, yaw_pitch_roll: ", found["fixed"].round(1).tolist())
# Its text says z-y'-x'', about the turned axes; what it computes belongs to the product in the reverse order.
assert np.allclose(by_scipy, given) and np.allclose(found["fixed"], given), "the behaviour has changed"
assert np.abs(found["turned"] - given).max() > 3, "the behaviour has changed"
PY
