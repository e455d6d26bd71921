#!/bin/sh
# pyobjloader: with UV but no normals in the OBJ file, its format says eight numbers a vertex and its data has five.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyobjloader==0.0.7 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version
from pathlib import Path

import pyobjloader

print(f"pyobjloader {version('pyobjloader')}")
points = "v 0 0 0\nv 1 0 0\nv 0 1 0\n"
uv = "vt 0 0\nvt 1 0\nvt 0 1\n"
normal = "vn 0 0 1\n"
found = {}
for name, text in {
    "points": points + "f 1 2 3\n",
    "points, normals": points + normal + "f 1//1 2//1 3//1\n",
    "points, UV": points + uv + "f 1/1 2/2 3/3\n",
    "points, UV, normals": points + uv + normal + "f 1/1/1 2/2/1 3/3/1\n",
}.items():
    Path("a.obj").write_text(text)
    model = pyobjloader.load_model("a.obj")
    said = sum(int(part[0]) for part in model.format.split())
    found[name] = said, model.vertex_data.shape[1]
    print(f"{name}: format '{model.format}', so {said} numbers a vertex; the data has {model.vertex_data.shape[1]}")
# Where there are points only, normals are worked out and are in the data.
assert found.pop("points, UV") == (8, 5), "the behaviour has changed"
assert all(said == held for said, held in found.values()), "the behaviour has changed"
PY
