#!/bin/sh
# irrCAC: Krippendorff's alpha with ordinal weights is .834 for his own example, where his formula and the package krippendorff give .815; nominal, interval and ratio agree.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check irrCAC==0.4.4 krippendorff==0.9.0 numpy==1.26.4 pandas==2.3.3 scipy==1.12.0
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC

x = np.nan  # the four observers of Krippendorff's (2011) example
scores = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, x, x, x],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, x, 3],
        [x, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, x],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, x],
    ]
)
print(f"irrCAC {version('irrCAC')}, krippendorff {version('krippendorff')}")
pairs = {}
for weights, level in (("identity", "nominal"), ("ordinal", "ordinal"), ("quadratic", "interval"), ("ratio", "ratio")):
    one = CAC(pd.DataFrame(scores.T), weights=weights).krippendorff()["est"]["coefficient_value"]
    two = krippendorff.alpha(scores, level_of_measurement=level)
    pairs[level] = (round(float(one), 3), round(float(two), 3))
    print(f"{level}: irrCAC {one:.3f}, krippendorff {two:.3f}")
assert pairs.pop("ordinal") == (0.834, 0.815), "the behaviour has changed"
assert all(one == two for one, two in pairs.values()), "the behaviour has changed"
PY
