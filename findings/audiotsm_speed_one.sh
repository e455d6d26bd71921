#!/bin/sh
# audiotsm: at speed 1 wsola gives the sound 512 samples later and without its end.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check audiotsm==0.1.2 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import audiotsm
import numpy as np
from audiotsm.io.array import ArrayReader, ArrayWriter

rate = 16000
sound = np.zeros((1, 2 * rate))
sound[0, rate : rate + 800] = np.sin(2 * np.pi * 500 * np.arange(800) / rate)  # a tone at 1 s
sound[0, -800:] = np.sin(2 * np.pi * 500 * np.arange(800) / rate)  # and one in the last 50 ms
found = {}
for name in ("ola", "wsola", "phasevocoder"):
    writer = ArrayWriter(1)
    getattr(audiotsm, name)(1, speed=1.0).run(ArrayReader(sound), writer)
    out = writer.data[0]
    first = int(np.argmax(np.abs(out) > 0.3)) - int(np.argmax(np.abs(sound[0]) > 0.3))
    end = float(np.abs(out[-800:]).max()) if len(out) else 0.0
    found[name] = sound.shape[1] - len(out), first, end
    print(f"audiotsm {version('audiotsm')}, {name} at speed 1: {found[name][0]} samples are missing, the tone at 1 s is {first} samples late, the last 50 ms reach {end:.2f}")
assert found["wsola"][0] == 1792 and found["wsola"][1] > 400 and found["wsola"][2] < 0.1, "the behaviour has changed"
assert found["ola"][0] == 128 and abs(found["ola"][1]) <= 2, "the behaviour has changed"
PY
