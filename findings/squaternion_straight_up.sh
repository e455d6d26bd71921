#!/bin/sh
# squaternion: at a pitch of 90 or -90 degrees to_euler gives the angles of another rotation.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check squaternion==2025.3.2 scipy==1.17.1 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from scipy.spatial.transform import Rotation
from squaternion import Quaternion

print(f"squaternion {version('squaternion')}: roll, pitch and yaw in degrees, and read off again")
apart = {}
for angles in ((10, 89, 30), (10, 90, 30), (10, -90, 30)):
    turn = Quaternion.from_euler(*angles, degrees=True)
    found = turn.to_euler(degrees=True)
    again = Quaternion.from_euler(*found, degrees=True)
    turns = Rotation.from_matrix([turn.to_rot(), again.to_rot()])
    apart[angles] = float(np.degrees((turns[0].inv() * turns[1]).magnitude()))
    print(f"{angles} becomes {np.round(found, 1)}, a rotation {apart[angles]:.1f} degrees away")
assert apart[10, 89, 30] < 1e-3, "the behaviour has changed"
assert min(apart[10, 90, 30], apart[10, -90, 30]) > 10, "the behaviour has changed"
PY
