#!/bin/sh
# dual_quaternions: two translations in opposite directions are equal by ==, and so are two placements of a turned head that differ by them.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check dual_quaternions==0.4.0 pyquaternion==0.9.9 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from dual_quaternions import DualQuaternion

print(f"dual_quaternions {version('dual_quaternions')}")
right = DualQuaternion.from_translation_vector([1, 0, 0])
left = DualQuaternion.from_translation_vector([-1, 0, 0])
up = DualQuaternion.from_translation_vector([0, 1, 0])
places = [tuple(float(x) for x in move.transform_point([0, 0, 0])) for move in (right, left)]
print(f"the origin moved right and left: {places}; right == left: {right == left}, right == up: {right == up}")
turn = [np.cos(0.3), 0, 0, np.sin(0.3)]
one, two = (DualQuaternion.from_quat_pose_array([*turn, *place]) for place in ([1, 2, 3], [-1, -2, -3]))
print(f"turned, at (1, 2, 3) and at (-1, -2, -3): {one == two}")
assert places == [(1, 0, 0), (-1, 0, 0)], "the behaviour has changed"
assert right == left and one == two and right != up, "the behaviour has changed"
PY
