#!/bin/sh
# OpenCV 5's remap is exact for a picture of float32, and rounds places to 1/32 pixel for one of float64.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import cv2
import numpy as np

print(f"cv2 {cv2.__version__}; a ramp of 10 per pixel, read at places 0.01 pixel apart")
x = (10 + np.arange(40) * 0.01).astype(np.float32)[None]
y = np.full_like(x, 3)
worst = {}
for kind in (np.float32, np.float64):
    ramp = np.tile(np.arange(64, dtype=kind) * 10, (8, 1))
    got = cv2.remap(ramp, x, y, cv2.INTER_LINEAR)[0]
    worst[kind] = np.abs(got - 10.0 * x[0]).max() / 10
    print(f"{kind.__name__}: farthest {worst[kind]:.4f} pixel off, {len(np.unique(got))} different values of 40")
# The type with more digits gives the coarser answer: 1/64 pixel off, and a staircase for a gradient.
assert worst[np.float32] < 1e-4 and worst[np.float64] > 0.014, "the behaviour has changed"
PY
