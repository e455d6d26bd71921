#!/bin/sh
# psychometrics: the curve of a two-alternative task (guessing: 0.5) is 1e-15 far below the threshold, so far below it nothing at all is guessed.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check psychometrics==0.1.2 numpy==2.4.6 matplotlib==3.11.2
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from psychometrics.BestPEST import BestPEST
from psychometrics.PEST import PEST

print(f"psychometrics {version('psychometrics')}: a threshold of 20 dB, spread 0.5, of two alternatives: 0.5 + 0.5 / (1 + exp(-z))")
found = {level: float(PEST.PF(level, 20, 0.5, 0.5, 0.5)) for level in (0, 2, 3, 10, 20, 30)}
for level, part in found.items():
    assert part == BestPEST.PF(level, 20, 0.5, 0.5, 0.5), "both classes have one curve"
    print(f"at {level} dB: {part}")
assert round(found[20], 6) == 0.75 and round(found[3], 6) == round(found[10], 6) == 0.5, "the behaviour has changed"
assert found[0] == found[2] == 1e-15, "the behaviour has changed"
PY
