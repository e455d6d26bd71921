#!/bin/sh
# spafe: the dominant frequency of a tone is twice its own, and above a quarter of the sample rate there is none.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check spafe==0.3.3 numpy==2.4.6 scipy==1.17.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from spafe.frequencies.dominant_frequencies import get_dominant_frequencies

rate = 16000
seconds = np.arange(rate) / rate
found = {}
for tone in (500, 1000, 3000, 5000):
    sound = np.sin(2 * np.pi * tone * seconds)
    peak = np.fft.rfftfreq(rate, 1 / rate)[np.abs(np.fft.rfft(sound)).argmax()]
    assert peak == tone
    found[tone] = np.unique(get_dominant_frequencies(sound, rate))
    print(f"spafe {version('spafe')}; a tone of {tone} Hz at {rate} Hz: {found[tone].round(0).tolist()} Hz")
for tone in (500, 1000, 3000):
    assert np.abs(found[tone] - 2 * tone).max() < rate / 512, "the behaviour has changed"
assert found[5000].size == 0, "the behaviour has changed"
PY
