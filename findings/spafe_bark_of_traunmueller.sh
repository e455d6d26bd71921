#!/bin/sh
# spafe: Traunmueller's Bark of 4000 Hz is 53 on a scale of 24, and comes back as -4480 Hz.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check spafe==0.3.3 numpy==2.4.6 scipy==1.17.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from spafe.utils.converters import bark2hz, hz2bark

found = {}
for hertz in (100, 1000, 4000):
    bark = hz2bark(hertz, "Traunmueller")
    paper = 26.81 / (1 + 1960 / hertz) - 0.53  # Traunmueller (1990), the paper that its documentation names
    back = bark2hz(bark, "Traunmueller")
    others = [bark2hz(hz2bark(hertz, name), name) for name in ("Wang", "Tjomov", "Schroeder", "Zwicker")]
    found[hertz] = (round(float(bark), 1), round(float(back)))
    print(f"spafe {version('spafe')}; {hertz} Hz: {bark:.2f} Bark, by the paper {paper:.2f}; back {back:.1f} Hz")
    assert abs(1960 * (paper + 0.53) / (26.28 - paper) - hertz) < 1e-6  # the formula and its inverse agree
    assert all(abs(other - hertz) < 1 for other in others), "the behaviour has changed"
assert found == {100: (0.8, 86), 1000: (12.9, 1959), 4000: (53.1, -4480)}, "the behaviour has changed"
PY
