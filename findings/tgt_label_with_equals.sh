#!/bin/sh
# tgt: a label with " = " in it is cut there when its own long TextGrid is read; the short one keeps it.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tgt==1.5 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import tgt

labels = ["F1 = 500 Hz", "F1=500 Hz"]
grid = tgt.TextGrid()
tier = tgt.IntervalTier(0, 2, "vowels")
for k, label in enumerate(labels):
    tier.add_annotation(tgt.Interval(k, k + 1, label))
grid.add_tier(tier)
found = {}
for form in ("short", "long"):
    tgt.write_to_file(grid, "a.TextGrid", format=form)
    found[form] = [interval.text for interval in tgt.read_textgrid("a.TextGrid").tiers[0]]
    print(f"tgt {version('tgt')}; {labels} written and read as a {form} TextGrid: {found[form]}")
with open("a.TextGrid", encoding="utf-8") as file:
    assert '"F1 = 500 Hz"' in file.read()
# The last letter of what is left goes with the quote that is not there.
assert found == {"short": labels, "long": ["F", "F1=500 Hz"]}, "the behaviour has changed"
PY
