#!/bin/sh
# tgt: Fleiss' kappa of two tiers is not theirs: the table of pairs of labels is taken for one of subjects.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tgt==1.5 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
import tgt
from tgt.agreement import agreement, fleiss_kappa


def tier(name, labels):
    intervals = [tgt.Interval(k, k + 1, label) for k, label in enumerate(labels)]
    return tgt.IntervalTier(0, len(labels), name, intervals)


found = {}
for one, other in (("aabbcc", "aabbcb"), ("aaaaabbbbb", "aaaabbbbbb"), ("aaabbbab", "aabbbbba")):
    tiers = [tier("one", one), tier("other", other)]
    [[*_, kappa]] = agreement(tiers, "fleiss-kappa")
    *_, pi = agreement(tiers, "scott-pi")
    # By its definition, from how often each label was given to each interval; of two it is Scott's pi.
    table = np.array([[pair.count(label) for label in sorted({*one, *other})] for pair in zip(one, other)])
    right = fleiss_kappa(table)
    print(f"tgt {version('tgt')}; {one} and {other}: {kappa:.3f}, by its own formula {right:.3f}, Scott's pi {pi:.3f}")
    assert np.isclose(right, pi), "the behaviour has changed"
    found[one] = round(float(kappa), 3)
assert list(found.values()) == [0.455, 0.583, -0.244], "the behaviour has changed"
PY
