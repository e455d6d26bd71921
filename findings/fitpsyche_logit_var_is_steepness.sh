#!/bin/sh
# FitPsyche: var is a width in the model wh and a steepness in the model logit, so the more exact observer has the larger one there.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check fitpsyche==0.1.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from fit_psyche.psychometric_curve import PsychometricCurve
from scipy.stats import norm

print(f"FitPsyche {version('fitpsyche')}: answers of observers whose spread is 1, 2 and 4; \"Lower means the decision flips quicker\"")
assert "Lower means the decision flips quicker" in open(__import__("fit_psyche.psychometric_curve").psychometric_curve.__file__).read()
levels = np.linspace(0, 20, 41)
narrow = {"guess_rate_lims": (0, 0.001), "lapse_rate_lims": (0, 0.001)}
found = {}
for spread in (1, 2, 4):
    answers = norm.cdf(levels, 10, spread)
    logit = PsychometricCurve(model="logit").fit(levels, answers)
    wh = PsychometricCurve(model="wh", **narrow).fit(levels, answers)
    found[spread] = round(float(wh.coefs_["var"]), 2), round(float(logit.coefs_["var"]), 2)
    assert np.abs(logit.predict(levels) - answers).max() < 0.03, "both curves fit"
    print(f"spread {spread}: var of wh {found[spread][0]}, of logit {found[spread][1]}")
assert [w for w, _ in found.values()] == [1, 2, 4], "the behaviour has changed"
assert [v for _, v in found.values()] == [1.7, 0.85, 0.42], "the behaviour has changed"
PY
