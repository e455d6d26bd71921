#!/bin/sh
# timecode: `float`, "the seconds", of one hour of drop-frame is 3596.43, and of the first frame 0.04.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check timecode==1.5.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from timecode import Timecode

print(f"timecode {version('timecode')}")
found = {}
for rate, text in (("25", "00:00:00:00"), ("25", "01:00:00:00"), ("29.97", "01:00:00;00"), ("23.976", "01:00:00:00")):
    code = Timecode(rate, text)
    found[rate, text] = code.float
    seconds = code.frame_number * (1 / 25 if rate == "25" else 1001 / (30000 if rate == "29.97" else 24000))
    print(f"{text} at {rate}: float {code.float:.3f}, frame {code.frame_number}, which begins at {seconds:.3f} s")
later = str(Timecode("25", start_seconds=1.0))
print(f"start_seconds=1.0 at 25: {later}")
# The end of a frame is meant, not its beginning, and 29.97 and 23.976 are taken for 30 and 24.
assert abs(found["25", "00:00:00:00"] - 0.04) < 1e-9 and abs(found["25", "01:00:00:00"] - 3600.04) < 1e-6, "the behaviour has changed"
assert abs(found["29.97", "01:00:00;00"] - 3596.433) < 0.001, "the behaviour has changed"
assert abs(found["23.976", "01:00:00:00"] - 3600.042) < 0.001, "the behaviour has changed"
assert later == "00:00:00:24", "the behaviour has changed"
PY
