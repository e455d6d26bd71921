#!/bin/sh
# imutils: non_max_suppression does not compare by intersection over union: a small box within a large one goes or stays by which of the two is surer.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check imutils==0.5.4 opencv-python-headless==5.0.0.93 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from imutils.object_detection import non_max_suppression

boxes = np.array([[0, 0, 100, 100], [40, 40, 60, 60]])  # a face, and a small one within its box: they share 4 %
print(f"imutils {version('imutils')}: boxes {boxes.tolist()}, overlapThresh=0.3")
left = {}
for probs in ((0.9, 0.8), (0.8, 0.9)):
    left[probs] = non_max_suppression(boxes, probs=list(probs), overlapThresh=0.3).tolist()
    print(f"probabilities {probs}: {left[probs]}")
relative = non_max_suppression(np.array([[0.1, 0.1, 0.4, 0.4], [0.6, 0.6, 0.9, 0.9]]), probs=[0.9, 0.8])
print("two boxes apart, in parts of the picture's size:", relative.tolist())
assert len(left[0.9, 0.8]) == 1 and len(left[0.8, 0.9]) == 2, "the behaviour has changed"
assert relative.tolist() == [[0, 0, 0, 0]], "the behaviour has changed"
PY
