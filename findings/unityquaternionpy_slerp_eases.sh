#!/bin/sh
# unityquaternionpy: Slerp eases in and out: a tenth of the way from 0 to 90 degrees is 2 degrees, not 9.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check unityquaternionpy==0.1.2 numpy==2.4.6 scipy==1.17.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from scipy.spatial.transform import Rotation, Slerp
from UnityQuaternion import Quaternion

print(f"unityquaternionpy {version('unityquaternionpy')}, scipy {version('scipy')}: from 0 to 90 degrees about y")
steps = (0, 0.1, 0.25, 0.5, 0.75, 0.9, 1)
one, two = Quaternion.Euler(0, 0, 0), Quaternion.Euler(0, 90, 0)
found = [round(Quaternion.Slerp(one, two, t).eulerAngles[1], 2) for t in steps]
true = Slerp([0, 1], Rotation.from_euler("y", [[0], [90]], degrees=True))(steps).as_euler("YXZ", degrees=True)[:, 0].round(2)
lerp = [round(Quaternion.Lerp(one, two, t).eulerAngles[1], 2) for t in steps]
print(f"at {steps}: Slerp {found}, its own Lerp {lerp}, scipy's Slerp {true.tolist()}")
assert true.tolist() == [0, 9, 22.5, 45, 67.5, 81, 90], "a slerp turns at one speed"
assert found == [0, 2.0, 12.35, 45, 77.65, 88.0, 90], "the behaviour has changed"
assert abs(lerp[1] - 9) < 1.5, "the behaviour has changed"
PY
