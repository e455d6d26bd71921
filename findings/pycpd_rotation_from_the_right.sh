#!/bin/sh
# pycpd: the rotation that RigidRegistration returns is the transposed one: it belongs to the right of rows of points.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pycpd==2.0.0 scipy==1.17.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from pycpd import RigidRegistration
from scipy.spatial.transform import Rotation

moving = np.random.default_rng(0).normal(size=(40, 3))
turn = Rotation.from_euler("xyz", [12, 17, 6], degrees=True)
target = 1.2 * turn.apply(moving) + [0.3, 0.1, -0.2]
fit = RigidRegistration(X=target, Y=moving, max_iterations=200, tolerance=1e-10)
placed, (scale, found, shift) = fit.register()
assert np.allclose(placed, target, atol=1e-6) and np.isclose(scale, 1.2)  # the registration itself is right
angles = [Rotation.from_matrix(m).as_euler("xyz", degrees=True).round(3).tolist() for m in (found, found.T)]
print(f"pycpd {version('pycpd')}; points were turned by 12, 17 and 6 degrees about x, y and z")
print("the R that is returned:", angles[0])
print("R transposed:          ", angles[1])
assert np.allclose(angles[1], [12, 17, 6], atol=1e-3), "the behaviour has changed"
assert np.abs(np.array(angles[0]) - [12, 17, 6]).max() > 20, "the behaviour has changed"
PY
