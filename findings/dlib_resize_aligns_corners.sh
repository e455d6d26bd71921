#!/bin/sh
# dlib's resize_image puts corner pixels onto corner pixels; OpenCV and others put edges onto edges.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check dlib-bin==20.0.1.post1 opencv-python-headless==5.0.0.93 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import cv2
import dlib
import numpy as np

ramp = np.tile(np.arange(16, dtype=np.float32), (16, 1))  # each pixel holds its own column
print(f"dlib {dlib.__version__}, cv2 {cv2.__version__}; a ramp of 16 columns at 8 columns")
by_dlib, by_cv2 = dlib.resize_image(ramp, 8, 8)[0], cv2.resize(ramp, (8, 8), interpolation=cv2.INTER_LINEAR)[0]
print("dlib:  ", by_dlib.round(2).tolist())
print("OpenCV:", by_cv2.round(2).tolist())
# A landmark at column x lies at x * 7 / 15 then, not at (x + 0.5) / 2 - 0.5.
assert np.allclose(by_dlib, np.arange(8) * 15 / 7, atol=1e-4), "the behaviour has changed"
assert np.allclose(by_cv2, np.arange(8) * 2 + 0.5, atol=1e-4), "the behaviour has changed"
PY
