#!/bin/sh
# ply-parser: the colours of a PLY file with normals are its normals, and a vertex at x = 3 or 4 whose numbers are whole is a face, too.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ply-parser==2.0.0 plyfile==1.1.5 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version
from pathlib import Path

from ply_parser.ply_parser import parse_ply_file
from plyfile import PlyData

print(f"ply-parser {version('ply-parser')}, plyfile {version('plyfile')}: four vertices of the colour (200, 90, 30), two triangles")
places, normals, colours = ["float x", "float y", "float z"], ["float nx", "float ny", "float nz"], ["uchar red", "uchar green", "uchar blue"]


def read(properties, vertices):
    names = "".join(f"property {p}\n" for p in properties)
    faces = "element face 2\nproperty list uchar int vertex_indices\nend_header\n"
    Path("a.ply").write_text(f"ply\nformat ascii 1.0\nelement vertex 4\n{names}{faces}{vertices}3 0 1 2\n3 1 3 2\n")
    other = PlyData.read("a.ply")
    assert [list(f) for f in other["face"]["vertex_indices"]] == [[0, 1, 2], [1, 3, 2]], "two triangles"
    assert {(v["red"], v["green"], v["blue"]) for v in other["vertex"].data} == {(200, 90, 30)}, "one colour"
    mesh = parse_ply_file("a.ply")
    return mesh.colors[0], mesh.faces


corners = [(x, y) for y in (0, 1) for x in (0, 1)]
plain = read(places + colours, "".join(f"{x} {y} 0 200 90 30\n" for x, y in corners))
shaded = read(places + normals + colours, "".join(f"{x} {y} 0 0 0 1 200 90 30\n" for x, y in corners))
moved = read(places + colours, "".join(f"{x + 3} {y} 0 200 90 30\n" for x, y in corners))
for name, (colour, faces) in {"as it is": plain, "with normals": shaded, "moved by 3 in x": moved}.items():
    print(f"{name}: the first colour {colour}, faces {faces}")
assert plain == ([200, 90, 30], [[0, 1, 2], [1, 3, 2]]), "the behaviour has changed"
assert shaded == ([0, 0, 1], [[0, 1, 2], [1, 3, 2]]), "the behaviour has changed"
assert moved == ([200, 90, 30], [[0, 0, 200], [0, 0, 200, 90]]), "the behaviour has changed"
PY
