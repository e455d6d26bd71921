#!/bin/sh
# irrCAC: one missing rating makes Krippendorff's alpha with quadratic weights not a number; without weights it does not.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check irrCAC==0.4.4 krippendorff==0.9.0 pandas==3.1.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import warnings
from importlib.metadata import version

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC

warnings.simplefilter("ignore")
ratings = np.random.default_rng(0).integers(1, 6, (4, 12)).astype(float)  # of 4 raters for 12 clips
ratings[1], ratings[2, :9] = ratings[0], ratings[0, :9]
print(f"irrCAC {version('irrCAC')}, krippendorff {version('krippendorff')}; Krippendorff's alpha of 4 raters and 12 clips")
found = {}
for title, missing in (("all ratings", False), ("one missing", True)):
    given = ratings.copy()
    if missing:
        given[0, 0] = np.nan
    for weights, level in (("identity", "nominal"), ("quadratic", "interval")):
        mine = CAC(pd.DataFrame(given.T), weights=weights).krippendorff()["est"]["coefficient_value"]
        other = krippendorff.alpha(reliability_data=given, level_of_measurement=level)
        found[title, weights] = mine, other
        print(f"{title}, {weights} weights: irrCAC {mine:.4f}, krippendorff {other:.4f}")
broken = found.pop(("one missing", "quadratic"))
assert np.isnan(broken[0]) and 0.6 < broken[1] < 0.7, "the behaviour has changed"
assert all(abs(mine - other) < 1e-4 for mine, other in found.values()), "the behaviour has changed"
PY
