#!/bin/sh
# bvhtoolbox: without the order of the axes, a turn about y becomes one about z.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check bvhtoolbox==0.1.3 bvh==0.3 transforms3d==0.4.2 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from bvhtoolbox import BvhTree
from bvhtoolbox.bvhtransforms import get_euler_angles, get_rotation_matrices

HEAD = """HIERARCHY
ROOT Head
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  End Site
  {
    OFFSET 0 1 0
  }
}
MOTION
Frames: %d
Frame Time: 0.04
%s"""
motion = BvhTree(HEAD % (2, "0 0 0 0 0 30\n0 0 0 20 0 0\n"))  # a turn about y, then one about z
angles = get_euler_angles(motion, "Head")
print(f"bvhtoolbox {version('bvhtoolbox')}; angles about z, x and y: {angles.tolist()}")


def turned(matrix):  # the axis and the angle in degrees
    return np.degrees([matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1]]) / 2


def about(axis, degrees):
    return np.degrees(np.eye(3)["xyz".index(axis)] * np.sin(np.radians(degrees)))


plain = [turned(m) for m in get_rotation_matrices(motion, "Head")]
named = [turned(m) for m in get_rotation_matrices(motion, "Head", axes="rzxy")]
for name, vectors in {"default": plain, "rzxy": named}.items():
    degrees = np.degrees(np.arcsin(np.radians(vectors))).round(1) + 0.0
    print(f"degrees about x, y and z of the rotation, {name}: {degrees.tolist()}")
# get_affines and get_quaternions have the same default, rzxz, and get_euler_angles has zxy.
assert angles.tolist() == [[0, 0, 30], [20, 0, 0]], "the behaviour has changed"
assert np.allclose(named, [about("y", 30), about("z", 20)]), "the behaviour has changed"
assert np.allclose(plain, [about("z", 30), about("z", 20)]), "the behaviour has changed"
PY
