#!/bin/sh
# pysubs2: the first line of a MicroDVD file that it writes says the rate, but it reads that line as a caption or not at all.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pysubs2==1.8.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import pysubs2
from pysubs2.exceptions import UnknownFPSError

subs = pysubs2.SSAFile()
subs.append(pysubs2.SSAEvent(start=2000, end=4000, text="Hello."))
text = subs.to_string("microdvd", fps=25)
print(f"pysubs2 {version('pysubs2')}; a caption from 2 to 4 s: {text!r}")
try:
    pysubs2.SSAFile.from_string(text, "microdvd")
    told = "nothing"
except UnknownFPSError as error:
    told = str(error)
print("read without a rate:", told)
captions = {}
for name, file in {"its own": text, "with {1}{1}25": text.replace("{0}{0}", "{1}{1}")}.items():
    captions[name] = [(event.start, event.end, event.text) for event in pysubs2.SSAFile.from_string(file, fps=25)]
    print(f"read at 25 frames per second, {name}: {captions[name]}")
alone = pysubs2.SSAFile.from_string(text.replace("{0}{0}", "{1}{1}"), "microdvd")
# With {1}{1}, which it reads and does not write, the line is the rate as long as no other rate is given.
assert text == "{0}{0}25\n{50}{100}Hello.\n" and told != "nothing", "the behaviour has changed"
assert captions["its own"] == [(0, 0, "25"), (2000, 4000, "Hello.")], "the behaviour has changed"
assert captions["with {1}{1}25"] == [(40, 40, "25"), (2000, 4000, "Hello.")], "the behaviour has changed"
assert [(event.start, event.text) for event in alone] == [(2000, "Hello.")], "the behaviour has changed"
PY
