#!/bin/sh
# objloader drops a vertex that has a number such as 1e+00 or 5., so all faces point to the vertex after the right one.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check objloader==0.2.0 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from objloader import Obj

print(f"objloader {version('objloader')}")
found = {}
for one in ("1", "1.0", "1e-00", "1e+00", "1.", "+1"):
    mesh = Obj.fromstring(f"v 0 0 0\nv {one} 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\n")
    found[one] = mesh.to_array()[:, :3].tolist()
    print(f"1 written as {one}: {len(mesh.vert)} vertices, the triangle is {found[one]}")
right = [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
assert found["1"] == found["1.0"] == found["1e-00"] == right, "the behaviour has changed"
# C's printf writes 1e+00; numbers with a sign or a bare point are valid in an OBJ file, too.
assert found["1e+00"] == found["1."] == found["+1"] == [[0, 0, 0], [0, 1, 0], [0, 0, 1]], "the behaviour has changed"
PY
