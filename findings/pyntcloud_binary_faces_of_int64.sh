#!/bin/sh
# pyntcloud: the triangles of a mesh whose indices are int64, pandas' own kind, are other triangles in the binary PLY file it writes; as text they are right.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyntcloud==0.3.1 plyfile==1.0.3 numpy==1.26.4 pandas==2.3.3 scipy==1.12.0
cd "$folder"
venv/bin/python - <<'PY'
import warnings
from importlib.metadata import version

import pandas as pd
from plyfile import PlyData
from pyntcloud import PyntCloud

warnings.simplefilter("ignore")
points = pd.DataFrame({"x": [0.0, 1, 1, 0], "y": [0.0, 0, 1, 1], "z": [0.0, 0, 0, 0]})
faces = [[0, 1, 2], [0, 2, 3]]
print(f"pyntcloud {version('pyntcloud')}, plyfile {version('plyfile')}: a square of the triangles {faces}")
first = {}
for kind in ("int64", "int32"):
    for as_text in (False, True):
        mesh = pd.DataFrame(faces, columns=["v1", "v2", "v3"], dtype=kind)
        PyntCloud(points, mesh=mesh).to_file("square.ply", also_save=["mesh"], as_text=as_text)
        rows = [[int(i) for i in row] for row in PlyData.read("square.ply")["face"]["vertex_indices"]]
        own = PyntCloud.from_file("square.ply").mesh.values.tolist()
        print(f"{kind}, {'text' if as_text else 'binary'}: plyfile reads {rows}, pyntcloud {own}")
        first[kind, as_text] = rows[0]
assert pd.DataFrame(faces).dtypes.eq("int64").all()
assert first.pop(("int64", False)) == [0, 0, 1], "the behaviour has changed"
assert set(map(tuple, first.values())) == {(0, 1, 2)}, "the behaviour has changed"
PY
