#!/bin/sh
# speach: 3.9996 s is the WebVTT time 00:00:03.1000, which it reads as 3.1 s.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check speach==0.1a15.post1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from speach import vtt

print(f"speach {version('speach')}")
found = {}
for seconds in (3.9994, 3.9996, 59.99951):
    found[seconds] = vtt.sec2ts(seconds), vtt.ts2sec(vtt.sec2ts(seconds))
    print(f"{seconds} s: {found[seconds][0]}, read as {found[seconds][1]} s")
assert found[3.9994] == ("00:00:03.999", 3.999), "the behaviour has changed"
assert found[3.9996] == ("00:00:03.1000", 3.1), "the behaviour has changed"
assert found[59.99951] == ("00:00:59.1000", 59.1), "the behaviour has changed"
PY
