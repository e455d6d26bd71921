#!/bin/sh
# fairy-subtitle: in an ASS file 1.50 s is read as 1.05 s, and a caption ends at its first comma; its own ASS files are read so, too.
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

print(f"fairy-subtitle {version('fairy-subtitle')}, pysubs2 {version('pysubs2')}: a caption from 1.5 to 3.25 s")
Path("a.srt").write_text("1\n00:00:01,500 --> 00:00:03,250\nWell, hello there\n")
first = SubtitleLoader.load("a.srt")
assert (first.get_times(), first.get_texts()) == ([(1.5, 3.25)], ["Well, hello there"]), "as written"
first.save("a.ass", "ass")
other = pysubs2.load("a.ass")[0]
print(f"the ASS file that it writes: pysubs2 reads {other.start / 1000} to {other.end / 1000}, {other.text!r}")
assert (other.start, other.end, other.text) == (1500, 3250, "Well, hello there"), "the file is right"
back = SubtitleLoader.load("a.ass")
print(f"it reads {back.get_times()[0]}, {back.get_texts()[0]!r}")
assert (back.get_times(), back.get_texts()) == ([(1.05, 3.025)], ["Well"]), "the behaviour has changed"
PY
