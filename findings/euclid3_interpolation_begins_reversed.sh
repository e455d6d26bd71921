#!/bin/sh
# euclid3: an interpolation to the other sign of the same turn begins at the first turn reversed, and one between turns less than 1.15 degrees apart is at its end from the start.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check euclid3==0.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version
from math import atan2, degrees, radians

from euclid3 import Quaternion, Vector3


def angle(q):
    return round(degrees(2 * atan2(q.z, q.w)) % 360, 3)


print(f"euclid3 {version('euclid3')}: turns about z, from 10 to 50 degrees")
one, two, near = (Quaternion.new_rotate_axis(radians(a), Vector3(0, 0, 1)) for a in (10, 50, 11))
same = Quaternion(-two.w, -two.x, -two.y, -two.z)
point = Vector3(1, 2, 3)
assert abs(two * point - same * point) < 1e-12, "the two signs are one turn"
steps = (0, 0.25, 0.5, 1)
plain, other, small = ([angle(Quaternion.new_interpolate(one, end, t)) for t in steps] for end in (two, same, near))
print(f"at {steps}: {plain}; to the same turn in its other sign {other}; from 10 to 11 degrees {small}")
assert plain == [10.0, 20.0, 30.0, 50.0], "the behaviour has changed"
assert other[0] == 350.0 and other[2] == 200.0 and other[3] == 50.0, "the behaviour has changed"
assert small == [11.0, 11.0, 11.0, 11.0], "the behaviour has changed"
PY
