#!/bin/sh
# pyworld: harvest finds no pitch in a sine, at any frequency tried from 100 to 400 Hz; dio finds it in each frame.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyworld==0.3.5 numpy==2.2.6 'setuptools<81'
cd "$folder"
venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import numpy as np
import pyworld

rate = 16000
time = np.arange(2 * rate) / rate
print(f"pyworld {version('pyworld')}: parts of the frames with a pitch, 2 s at 16 kHz")
for hertz in (100, 150, 200, 300, 400):
    sine = 0.3 * np.sin(2 * np.pi * hertz * time)
    buzz = sum(0.3 / k * np.sin(2 * np.pi * k * hertz * time) for k in range(1, 20) if k * hertz < rate / 2)
    parts = {}
    for name, sound in (("sine", sine), ("buzz", buzz)):
        for method in (pyworld.harvest, pyworld.dio):
            parts[name, method.__name__] = float((method(sound, rate)[0] > 0).mean())
    print(f"{hertz} Hz:", {" by ".join(key): round(part, 2) for key, part in parts.items()})
    assert parts["sine", "harvest"] < 0.05 and parts["sine", "dio"] > 0.9, "the behaviour has changed"
    assert parts["buzz", "harvest"] > 0.9, "the behaviour has changed"
PY
