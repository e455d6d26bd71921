#!/bin/sh
# fairy-subtitle: a MicroDVD file that says 23.976 frames per second is read at 23, so a caption at 1 h is at 1 h 2.5 min, and the rate is a caption.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check fairy-subtitle==1.1.0 pysubs2==1.8.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version
from pathlib import Path

import pysubs2
from fairy_subtitle import SubtitleLoader

print(f"fairy-subtitle {version('fairy-subtitle')}, pysubs2 {version('pysubs2')}: a caption at frame 86314, which is 3600 s at 23.976")
found = {}
for line in ("{0}{0}#$#23.976", "{0}{0}#$#24", "{1}{1}23.976"):
    Path("a.sub").write_text(f"{line}\n{{86314}}{{86362}}Hello\n")
    mine = SubtitleLoader.load("a.sub")
    found[line] = [round(start, 1) for start, _ in mine.get_times()], mine.get_texts(), mine.info.other_info["fps"]
    print(f"first line {line}: begins {found[line][0]}, captions {found[line][1]}, rate {found[line][2]}")
other = pysubs2.load("a.sub")
print(f"pysubs2, the last one: {[(e.start / 1000, e.text) for e in other]}")
assert [(round(e.start / 1000, 1), e.text) for e in other] == [(3600.0, "Hello")], "a caption at one hour"
assert list(found.values()) == [
    ([0.0, 3752.8], ["#$#23.976", "Hello"], 23),
    ([0.0, 3596.4], ["#$#24", "Hello"], 24),
    ([0.0, 3596.4], ["23.976", "Hello"], 24),
], "the behaviour has changed"
PY
