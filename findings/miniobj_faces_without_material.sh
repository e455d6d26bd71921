#!/bin/sh
# miniobj: an OBJ file without materials loses all its faces when it is written, and the faces before the first usemtl are lost in any.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check miniobj==0.0.2 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version
from pathlib import Path

from miniobj import MiniObj

print(f"miniobj {version('miniobj')}: two triangles with UV")
points = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nvt 1 1\n"
one, two = "f 1/1 2/2 3/3\n", "f 2/2 4/4 3/3\n"
found = {}
for name, text in {
    "no material": one + two,
    "a material before the second": one + "usemtl skin\n" + two,
    "a material before both": "usemtl skin\n" + one + two,
}.items():
    Path("before.obj").write_text(points + text)
    mesh = MiniObj("before.obj")
    mesh.load()
    mesh.export("after.obj")
    lines = Path("after.obj").read_text().splitlines()
    found[name] = mesh.num_fv, sum(line.startswith("f ") for line in lines), sum(line.startswith("v ") for line in lines)
    print(f"{name}: {found[name][0]} faces read, {found[name][1]} written, {found[name][2]} vertices written")
assert list(found.values()) == [(2, 0, 4), (2, 1, 4), (2, 2, 4)], "the behaviour has changed"
PY
