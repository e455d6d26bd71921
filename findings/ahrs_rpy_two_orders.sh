#!/bin/sh
# AHRS: DCM(rpy=...) and Quaternion(rpy=...) of the same three angles are different rotations: one begins at z, one at x.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check AHRS==0.4.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from ahrs import DCM, Quaternion

angles = np.radians([40.0, 0.0, 0.0])  # the first of roll, pitch and yaw
matrices = {"DCM": np.array(DCM(rpy=angles)), "Quaternion": np.array(Quaternion(rpy=angles).to_DCM())}
print(f"AHRS {version('AHRS')}; which axis rpy=[40 degrees, 0, 0] leaves as it is")
kept = {}
for name, matrix in matrices.items():
    kept[name] = "xyz"[int(np.isclose(np.diag(matrix), 1).argmax())]
    print(f"{name}: {kept[name]}")
back = np.degrees(Quaternion(DCM(rpy=np.radians([10.0, 20.0, 30.0])).to_quaternion()).to_angles())
print("10, 20, 30 through DCM(rpy=...), read off by Quaternion.to_angles():", back.round(1).tolist())
assert kept == {"DCM": "z", "Quaternion": "x"}, "the behaviour has changed"
assert np.allclose(back, [30, 20, 10]), "the behaviour has changed"
PY
