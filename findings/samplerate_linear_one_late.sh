#!/bin/sh
# samplerate's linear and hold converters give each sample one input sample late; the sinc converters do not.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check samplerate==0.2.4 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
import samplerate

ramp = np.arange(200, dtype=np.float32) / 200  # each sample tells its own place
print(f"samplerate {version('samplerate')}; the place that each output sample shows, less its own")
late = {}
for converter in ("sinc_best", "sinc_fastest", "linear", "zero_order_hold"):
    for ratio in (1, 2, 4):
        out = samplerate.resample(ramp, ratio, converter)
        shown = out[40 * ratio : 120 * ratio : ratio] * 200  # outputs that fall on input samples 40, 41, ...
        late[converter, ratio] = float(np.mean(np.arange(40, 120) - shown))
    print(f"{converter}:", ", ".join(f"{late[converter, r]:.2f} input samples late at a ratio of {r}" for r in (1, 2, 4)))
# At a ratio of 1 "linear" is not the sound itself. For a curve of 25 values per second it is 40 ms of sound and lips.
same = samplerate.resample(ramp, 1, "linear")
assert np.array_equal(same[1:], ramp[:-1]), "the behaviour has changed"
assert all(abs(late[c, r] - 1) < 0.01 for c in ("linear", "zero_order_hold") for r in (1, 2, 4)), "the behaviour has changed"
assert all(abs(late[c, r]) < 0.05 for c in ("sinc_best", "sinc_fastest") for r in (1, 2, 4)), "the behaviour has changed"
PY
