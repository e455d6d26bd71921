#!/bin/sh
# praat-textgrids: a binary TextGrid, read again, begins where its last interval begins; after a tier of points its times are bytes.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check praat-textgrids==1.4.0
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import textgrids

print(f"praat-textgrids {version('praat-textgrids')}: a grid from 0 to 10 s with a word in each half")
grid = textgrids.TextGrid()
grid.xmax = 10.0
grid["words"] = textgrids.Tier([textgrids.Interval("bird", 0, 5), textgrids.Interval("cat", 5, 10)])
spans = {}
for name, form in (("long", textgrids.TEXT_LONG), ("short", textgrids.TEXT_SHORT), ("binary", textgrids.BINARY)):
    grid.write("words.TextGrid", form)
    again = textgrids.TextGrid("words.TextGrid")
    spans[name] = (again.xmin, again.xmax), (again["words"].xmin, again["words"].xmax)
    print(f"{name}: the grid from {again.xmin} to {again.xmax}, its tier from {again['words'].xmin} to {again['words'].xmax}")
grid["bursts"] = textgrids.Tier(None, 0, 10, point_tier=True)
grid["bursts"].append(textgrids.Point("b", 0.1))
grid.write("words.TextGrid", textgrids.BINARY)
with_points = textgrids.TextGrid("words.TextGrid").xmax
print(f"binary, with points in a second tier: the grid ends at {with_points}")
assert spans["long"] == spans["short"] == ((0, 10), (0, 10)), "the behaviour has changed"
assert spans["binary"] == ((5, 10), (0, 0)), "the behaviour has changed"
assert isinstance(with_points, bytes), "the behaviour has changed"
PY
