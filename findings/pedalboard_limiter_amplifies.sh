#!/bin/sh
# pedalboard's Limiter makes quiet sound louder, the more the lower its threshold.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pedalboard==0.9.26 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
import pedalboard

rate = 16000
quiet = (0.02 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)).astype(np.float32)  # peaks at -34 dB
gain = {}
print(f"pedalboard {pedalboard.__version__}; a sine with peaks at -34 dB")
for threshold in (-1, -10, -20):
    out = pedalboard.Limiter(threshold_db=threshold)(quiet, rate)[rate:]
    gain[threshold] = 20 * np.log10(np.abs(out).max() / 0.02)
    print(f"Limiter(threshold_db={threshold}): {gain[threshold]:+.2f} dB")
same = pedalboard.Compressor(threshold_db=-20, ratio=20)(quiet, rate)[rate:]
print(f"Compressor(threshold_db=-20, ratio=20): {20 * np.log10(np.abs(same).max() / 0.02):+.2f} dB")
# The sound lies below each threshold, so a limiter should leave it as it is. A data set that was "limited" to
# -20 dB is some 20 dB louder.
assert gain[-1] > 4 and gain[-10] > 13 and gain[-20] > 20, "the behaviour has changed"
assert abs(np.abs(same).max() / 0.02 - 1) < 0.01, "the behaviour has changed"
PY
