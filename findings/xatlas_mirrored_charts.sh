#!/bin/sh
# xatlas mirrors some charts of a mesh and others not, also with fix_winding.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check xatlas==0.0.11 trimesh==5.2.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
import trimesh
import xatlas

print(f"xatlas {version('xatlas')}; triangles by the way they turn in the texture")
for name, mesh in (("box", trimesh.creation.box()), ("ball", trimesh.creation.icosphere(2))):
    counts = {}
    for fix in (False, True):
        options = xatlas.ChartOptions()
        options.fix_winding = fix
        atlas = xatlas.Atlas()
        atlas.add_mesh(mesh.vertices, mesh.faces)
        atlas.generate(chart_options=options)
        _, faces, uv = atlas[0]
        a, b, c = uv[faces].transpose(1, 0, 2)
        area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        counts[fix] = int((area > 0).sum()), int((area < 0).sum())
    print(f"{name}, all faces counterclockwise: as it comes {counts[False]}, with fix_winding {counts[True]}")
    # Writing on a texture, and the green of a normal map, are the wrong way round on the mirrored charts.
    assert mesh.is_winding_consistent and min(counts[False]) > 0, "the behaviour has changed"
    assert min(counts[True]) > 0, "the behaviour has changed"
PY
