#!/bin/sh
# blend-modes: subtract gives white wherever the picture below has a level of 2 or more, whatever is subtracted.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check blend-modes==2.2.0 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from blend_modes import difference, subtract


def plane(red, green, blue):
    return np.full((2, 2, 4), [red, green, blue, 255.0])


below, layer = plane(100, 150, 200), plane(20, 100, 50)
print(f"blend-modes {version('blend_modes')}: (100, 150, 200) less (20, 100, 50)")
found = subtract(below, layer, 1.0)[0, 0, :3]
print("subtract:", found, " difference:", difference(below, layer, 1.0)[0, 0, :3].round(1))
dark = subtract(plane(0, 1, 2), plane(0, 0, 0), 1.0)[0, 0, :3]
print("levels of 0, 1 and 2 less nothing:", dark)
assert np.allclose(found, 255), "the behaviour has changed"
assert np.allclose(difference(below, layer, 1.0)[0, 0, :3], [80, 50, 150]), "the behaviour has changed"
assert np.allclose(dark, [0, 255, 255]), "the behaviour has changed"
PY
