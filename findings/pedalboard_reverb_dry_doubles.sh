#!/bin/sh
# pedalboard's Reverb: dry_level=1 with wet_level=0 doubles the sound.
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
sound = (0.1 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.float32)
print(f"pedalboard {pedalboard.__version__}; what comes out, as a multiple of what goes in")
factors = {}
for level in (1.0, 0.5, 0.4):
    out = pedalboard.Reverb(wet_level=0.0, dry_level=level)(sound, rate)
    factors[level] = float((out @ sound) / (sound @ sound))
    assert np.allclose(out, factors[level] * sound, atol=1e-6), "the behaviour has changed"
    print(f"Reverb(wet_level=0, dry_level={level}): {factors[level]:.3f}")
mixed = pedalboard.Delay(mix=0.0)(sound, rate)
print(f"Delay(mix=0): {float((mixed @ sound) / (sound @ sound)):.3f}")
# Without any echo the sound passes 6 dB louder at level 1; 0.5 leaves it as it is.
assert all(abs(factors[level] - 2 * level) < 1e-4 for level in factors), "the behaviour has changed"
PY
