#!/bin/sh
# unityquaternionpy: eulerAngles of a pitch above 82 degrees is -90 (270), and of one below -82 degrees it is 90.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check unityquaternionpy==0.1.2 numpy==2.4.6 scipy==1.17.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from scipy.spatial.transform import Rotation
from UnityQuaternion import Quaternion

print(f"unityquaternionpy {version('unityquaternionpy')}, scipy {version('scipy')}: pitch about x, yaw 30 degrees")
found = {}
for pitch in (80, 82, 85, 89, 90, -82, -90):
    q = Quaternion.Euler(pitch, 30, 0)
    turned = Rotation.from_quat([q.x, q.y, q.z, q.w])
    yaw, again, _ = turned.as_euler("YXZ", degrees=True)
    assert abs(again - pitch) < 1e-4, "the quaternion itself is right"
    angles = q.eulerAngles
    back = Quaternion.Euler(*angles)
    error = (turned.inv() * Rotation.from_quat([back.x, back.y, back.z, back.w])).magnitude() * 180 / 3.141592653589793
    found[pitch] = round(angles[0]), round(error)
    print(f"{pitch}: eulerAngles {tuple(round(a, 1) % 360 for a in angles)}, a rotation {error:.0f} degrees away; scipy's pitch {again:.1f}")
assert found[80] == (80, 0), "the behaviour has changed"
assert all(found[p][0] == 270 and found[p][1] > 90 for p in (82, 85, 89, 90)), "the behaviour has changed"
assert all(found[p][0] == 90 and found[p][1] > 90 for p in (-82, -90)), "the behaviour has changed"
PY
