#!/bin/sh
# objnormals: of a face with four corners only the first three are written, so half of a mesh of quads is gone; its normals are as long as the area.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check objnormals==0.1.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version
from pathlib import Path

import objnormals

print(f"objnormals {version('objnormals')}: a square of 2 by 2 as a quad, and as two triangles")
points = "v 0 0 0\nv 2 0 0\nv 2 2 0\nv 0 2 0\n"
found = {}
for name, faces in (("quad", "f 1 2 3 4\n"), ("triangles", "f 1 2 3\nf 1 3 4\n")):
    Path(f"{name}.obj").write_text(points + faces)
    objnormals.calculate_normals(Path(f"{name}.obj"))
    lines = Path(f"{name}_out.obj").read_text().splitlines()
    found[name] = [line for line in lines if line[:2] in ("f ", "vn")]
    print(f"{name}: {found[name]}")
assert found["quad"] == ["vn 0.0 0.0 4.0", "f 1//1 2//1 3//1"], "the behaviour has changed"
assert found["triangles"] == ["vn 0.0 0.0 4.0", "vn 0.0 0.0 4.0", "f 1//1 2//1 3//1", "f 1//2 3//2 4//2"], "the behaviour has changed"
PY
