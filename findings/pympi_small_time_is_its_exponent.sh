#!/bin/sh
# pympi: a time of 5.7e-14 s in a TextGrid, as Praat's arithmetic gives for 0, is read as 14 s, and -0.5 s as 0.5 s.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pympi-ling==1.71
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from pympi.Praat import TextGrid

found = []
for start in ("0", "5.684341886080802e-14", "-0.5"):
    with open("a.TextGrid", "w", encoding="utf-8") as file:
        file.write('File type = "ooTextFile"\nObject class = "TextGrid"\n\n')
        file.write(f"xmin = {start} \nxmax = 2 \ntiers? <exists> \nsize = 1 \nitem []: \n    item [1]:\n")
        file.write(f'        class = "IntervalTier" \n        name = "words" \n        xmin = {start} \n')
        file.write(f"        xmax = 2 \n        intervals: size = 1 \n        intervals [1]:\n            xmin = {start} \n")
        file.write('            xmax = 2 \n            text = "hello" \n')
    grid = TextGrid("a.TextGrid")
    found.append((grid.xmin, list(grid.tiers[0].get_intervals())))
    print(f"pympi-ling {version('pympi-ling')}; from {start} to 2 s: {found[-1][1]}")
assert [xmin for xmin, _ in found] == [0, 14, 0.5], "the behaviour has changed"
assert [words[0] for _, words in found] == [(0, 2, "hello"), (14, 2, "hello"), (0.5, 2, "hello")], "the behaviour has changed"
PY
