#!/bin/sh
# dlib's gray is the plain mean of red, green and blue, not a luma.
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

print(f"dlib {dlib.__version__}, cv2 {cv2.__version__}")
colors = {"lips": (200, 60, 70), "skin": (230, 180, 150), "green": (0, 200, 0), "blue": (0, 0, 200)}
for name, rgb in colors.items():
    picture = np.full((4, 4, 3), rgb, np.uint8)
    gray, luma = int(dlib.as_grayscale(picture)[0, 0]), int(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[0, 0])
    print(f"{name} {rgb}: dlib {gray}, OpenCV {luma}")
    assert gray == sum(rgb) // 3, "the behaviour has changed"
    assert name == "skin" or abs(gray - luma) > 5, "the behaviour has changed"
PY
