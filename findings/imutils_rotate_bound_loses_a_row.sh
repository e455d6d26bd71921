#!/bin/sh
# imutils: rotate_bound, which is there to cut nothing off, loses a row at 90 degrees and a row and a column at 180.
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
from imutils import rotate_bound

picture = np.arange(10, 250, 10, dtype=np.uint8).reshape(4, 6)
print(f"imutils {version('imutils')}: a picture of 4 rows and 6 columns, all levels above 0\n{picture}")
kept = {}
for degrees, quarter_turns in ((90, -1), (180, 2)):
    turned, exact = rotate_bound(picture, degrees), np.rot90(picture, quarter_turns)
    print(f"rotate_bound by {degrees} degrees:\n{turned}")
    assert turned.shape == exact.shape
    kept[degrees] = len(np.intersect1d(picture, turned))
print("levels of 24 that are left:", kept)
assert kept == {90: 18, 180: 15}, "the behaviour has changed"
PY
