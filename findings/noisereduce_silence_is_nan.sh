#!/bin/sh
# noisereduce: a recording of digital silence becomes NaN in the default mode; the stationary mode leaves it silent.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check noisereduce==3.0.3 numpy==2.4.6
cd "$folder"
venv/bin/python -W ignore::RuntimeWarning - <<'PY'
from importlib.metadata import version

import noisereduce
import numpy as np

rate = 16000
silence = np.zeros(rate)
noise = 0.01 * np.random.default_rng(0).normal(size=rate)
share = {}
for stationary in (False, True):
    for name, sound in (("silence", silence), ("noise", noise), ("silence, then noise", np.r_[silence, noise])):
        out = noisereduce.reduce_noise(y=sound, sr=rate, stationary=stationary)
        share[name, stationary] = float(np.isnan(out).mean())
        print(f"noisereduce {version('noisereduce')}, stationary={stationary}: {name}: {100 * share[name, stationary]:.0f} % of the samples are NaN")
assert share.pop(("silence", False)) == 1 and not any(share.values()), "the behaviour has changed"
PY
