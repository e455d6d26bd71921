#!/bin/sh
# ciecam02: setconfig, which is there to set the white point and the surround, changes nothing: a colour is the same in a dark room under light of another white.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ciecam02==1.0.6 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import ciecam02
import numpy as np

print(f"ciecam02 {version('ciecam02')}: J, C and h of two colours of sRGB")
colours = np.array([[56, 34, 199], [200, 120, 90]])
found = {}
for white, surround, light, background in (("white", "average", "default", "default"), ("white", "dark", "low", "low"), ("c", "dim", "high", "high")):
    ciecam02.setconfig(white, surround, light, background)
    found[white, surround] = ciecam02.rgb2jch(colours)
    print(f"white point {white}, surround {surround}, light {light}: {np.round(found[white, surround], 2).tolist()}")
first = found["white", "average"]
assert all(np.array_equal(first, other) for other in found.values()), "the behaviour has changed"
PY
