#!/bin/sh
# pylrc: a line of lyrics at 1.05 s is written as 1.50 s, since its milliseconds are cut to two digits.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pylrc==0.1.2
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import pylrc

print(f"pylrc {version('pylrc')}")
lyrics = pylrc.parse("[00:01.05]one\n[00:02.50]two\n[00:03.009]three\n[00:04.10]four")
before = [line.time for line in lyrics]
text = lyrics.toLRC()
after = [line.time for line in pylrc.parse(text)]
for line, start, end in zip(text.splitlines(), before, after, strict=True):
    print(f"at {start} s: written as {line}, which is {end} s")
assert before == [1.05, 2.5, 3.009, 4.1], "the behaviour has changed"
assert after == [1.5, 2.5, 3.09, 4.1], "the behaviour has changed"
PY
