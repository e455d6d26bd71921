#!/bin/sh
# sewar's universal quality index finds two unrelated noises alike by 0.74, and a picture and its negative by 0.49.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sewar==0.4.10 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sewar import uqi


def as_defined(x, y, size=8):
    """4 cov(x, y) mean(x) mean(y) / ((var x + var y) (mean(x)² + mean(y)²)), the mean over windows."""
    x, y = (sliding_window_view(picture.astype(float), (size, size)).reshape(-1, size * size) for picture in (x, y))
    mean_x, mean_y = x.mean(1), y.mean(1)
    covariance = (x * y).mean(1) - mean_x * mean_y
    return (4 * covariance * mean_x * mean_y / ((x.var(1) + y.var(1)) * (mean_x**2 + mean_y**2))).mean()


one, other = np.random.default_rng(0).integers(0, 256, (2, 96, 96)).astype(np.uint8)
print(f"sewar {version('sewar')}; two pictures of noise, windows of 8 by 8")
found = {}
for name, second in (("itself", one), ("another noise", other), ("its negative", 255 - one)):
    found[name] = uqi(one, second), as_defined(one, second)
    print(f"against {name}: {found[name][0]:+.3f}, by the definition {found[name][1]:+.3f}")
# Means stand where the formula has sums, so the means of the pictures count 64 times as much as their structure.
assert abs(found["itself"][0] - 1) < 1e-6 and abs(found["itself"][1] - 1) < 1e-6, "the behaviour has changed"
assert found["another noise"][0] > 0.7 and abs(found["another noise"][1]) < 0.05, "the behaviour has changed"
assert found["its negative"][0] > 0.4 and found["its negative"][1] < -0.8, "the behaviour has changed"
PY
