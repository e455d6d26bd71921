#!/bin/sh
# OneEuroFilter takes a first time of 0 for no time: the same track is smoothed otherwise than when it begins at 1 s.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check OneEuroFilter==0.2.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from OneEuroFilter import OneEuroFilter


def smoothed(start, nominal):
    """A head that jumps by 10 degrees after its first frame, at 25 frames per second from `start` seconds on."""
    smooth = OneEuroFilter(freq=nominal, mincutoff=1.0, beta=0.0)
    return [round(smooth(0.0 if k == 0 else 10.0, start + k / 25), 2) for k in range(6)]


print(f"OneEuroFilter {version('OneEuroFilter')}; made with freq=120, times of 25 frames per second are given")
at_zero, at_one, known = smoothed(0.0, 120), smoothed(1.0, 120), smoothed(0.0, 25)
print("the first frame at 0 s:          ", at_zero)
print("the first frame at 1 s:          ", at_one)
print("the first at 0 s, with freq=25:  ", known)
# The rate is meant to be taken from the times; a film begins at 0 s, and its second frame is held back then.
assert at_one == known and at_zero[1] < 0.3 * at_one[1] and at_zero[5] < at_one[5] - 0.5, "the behaviour has changed"
PY
