#!/bin/sh
# bvhTools: the height of a skeleton is its width, and its width the height, so positions normalised by the height are divided by the width.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps bvhTools==1.6.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version
from pathlib import Path

from bvhTools.bvhIO import readBvh

print(f"bvhTools {version('bvhTools')}: hips, a head 1.8 above them, and an end 0.2 to its right")
Path("head.bvh").write_text(
    "HIERARCHY\nROOT Hips\n{\n\tOFFSET 0.0 0.0 0.0\n\tCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\n"
    "\tJOINT Head\n\t{\n\t\tOFFSET 0.0 1.8 0.0\n\t\tCHANNELS 3 Zrotation Xrotation Yrotation\n"
    "\t\tEnd Site\n\t\t{\n\t\t\tOFFSET 0.2 0.0 0.1\n\t\t}\n\t}\n}\nMOTION\nFrames: 1\nFrame Time: 0.04\n0 0 0 0 0 0 0 0 0\n"
)
take = readBvh("head.bvh")
sizes = {name: round(float(take.getSkeletonDim(name)), 6) for name in ("height", "width", "depth")}
head = take.getFKAtFrame(0)["Head"][1][1]
normal = {name: round(float(take.getFKAtFrameNormalized(0, name)["Head"][1][1]), 6) for name in sizes}
print(f"sizes {sizes}; the head at y = {head}, normalised {normal}")
assert sizes == {"height": 0.2, "width": 1.8, "depth": 0.1}, "the behaviour has changed"
assert normal == {"height": 9.0, "width": 1.0, "depth": 18.0}, "the behaviour has changed"
PY
