#!/bin/sh
# spatialmath: the angle between the same two rotations is 0.4 as matrices (SO3) and 0.2 as quaternions, by default.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check spatialmath-python==1.1.18
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from spatialmath import SO3, UnitQuaternion

found = {kind.__name__: kind.Rx(0.1).angdist(kind.Rx(0.5)) for kind in (SO3, UnitQuaternion)}
print(f"spatialmath-python {version('spatialmath-python')}; angdist() of turns by 0.1 and 0.5 about x")
for name, angle in found.items():
    print(f"{name}: {angle:.3f}")
assert abs(found["SO3"] - 0.4) < 1e-9, "the behaviour has changed"
assert abs(found["UnitQuaternion"] - 0.2) < 1e-9, "the behaviour has changed"
PY
