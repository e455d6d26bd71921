#!/bin/sh
# aubio: pvoc gives the same object each time, so spectra that are kept in a list are all the last one.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check aubio==0.4.9 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PY'
import aubio
import numpy as np

rate, step = 16000, 256
sound = np.concatenate([np.sin(2 * np.pi * hertz * np.arange(8 * step) / rate) for hertz in (1000, 3000)]).astype("float32")
steps = sound.reshape(-1, step)
print(f"aubio {aubio.version}: half a sound of 1000 Hz, half of 3000 Hz; the strongest frequency of each step")
analysis = aubio.pvoc(2 * step, step)
at_once = [int(analysis(part).norm.argmax()) * rate // (2 * step) for part in steps]
analysis = aubio.pvoc(2 * step, step)
kept = [analysis(part) for part in steps]
later = [int(spectrum.norm.argmax()) * rate // (2 * step) for spectrum in kept]
print("looked at once:", at_once)
print("looked at afterwards:", later)
assert at_once[2] == 1000 and at_once[-1] == 3000, "the behaviour has changed"
assert set(later) == {3000}, "the behaviour has changed"
PY
