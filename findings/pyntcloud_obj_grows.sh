#!/bin/sh
# pyntcloud: to_file of an OBJ file appends to a file that is there, so a second save holds both meshes; a PLY file is replaced.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyntcloud==0.3.1 numpy==1.26.4 pandas==2.3.3 scipy==1.12.0
cd "$folder"
venv/bin/python - <<'PY'
import warnings
from importlib.metadata import version

import pandas as pd
from pyntcloud import PyntCloud

warnings.simplefilter("ignore")
cloud = PyntCloud(pd.DataFrame({"x": [0.0, 1, 1, 0], "y": [0.0, 0, 1, 1], "z": [0.0, 0, 0, 0]}))
print(f"pyntcloud {version('pyntcloud')}: four points, saved twice under the same name")
counts = {}
for name in ("points.obj", "points.ply"):
    for _ in range(2):
        cloud.to_file(name)
        counts.setdefault(name, []).append(len(PyntCloud.from_file(name).points))
    print(f"{name}: {counts[name][0]} points after the first save, {counts[name][1]} after the second")
assert counts == {"points.obj": [4, 8], "points.ply": [4, 4]}, "the behaviour has changed"
PY
