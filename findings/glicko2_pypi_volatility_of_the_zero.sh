#!/bin/sh
# glicko2 of PyPI: the same games give another volatility where both ratings are 1000 points higher; Glicko-2 knows only differences.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check glicko2==2.1.0
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from glicko2 import Player

print(f"glicko2 {version('glicko2')}: 20 games won against one's equal, deviations of 50, volatility .06")
found = {}
for rating in (500, 1500, 2500):
    player = Player(rating, 50, 0.06)
    player.update_player([rating] * 20, [50] * 20, [1] * 20)
    found[rating] = round(player.rating - rating, 2), round(player.vol, 5)
    print(f"at {rating}: {found[rating][0]} points more, volatility {found[rating][1]}")
print("by Glickman's formula the volatility is 0.06062 in each case")
assert found == {500: (104.33, 0.06), 1500: (104.46, 0.06127), 2500: (104.33, 0.06)}, "the behaviour has changed"
PY
