#!/bin/sh
# scikit-image's marching_cubes: triangles turn inwards, while the normals beside them point outwards.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check scikit-image==0.26.0 trimesh==5.2.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
import skimage
import trimesh
from skimage.measure import marching_cubes

print(f"scikit-image {skimage.__version__}; a cube of ones among zeros")
volume = np.pad(np.ones((4, 4, 4)), 2)
found = {}
for direction in ("descent", "ascent"):
    points, faces, normals, _ = marching_cubes(volume, 0.5, gradient_direction=direction)
    outwards = ((points - points.mean(0)) * normals).sum(1) > 0
    found[direction] = outwards.mean(), trimesh.Trimesh(points, faces, process=False).volume
    print(f"{direction}: {100 * outwards.mean():.0f} % of the normals point outwards, volume by the triangles {found[direction][1]:+.1f}")
# "descent", the one that is taken where nothing is said, is for objects brighter than what is around them.
assert found["descent"][0] == 1 and found["descent"][1] < -50, "the behaviour has changed"
assert found["ascent"][0] == 1 and found["ascent"][1] > 50, "the behaviour has changed"
PY
