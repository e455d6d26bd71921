#!/bin/sh
# pysubs2: times in an MPL2 file are cut to tenths, so a caption at 1.999 s is at 1.9 s; in ASS and MicroDVD they are rounded.
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

found = {}
for form, step in {"mpl2": 100, "ass": 10, "microdvd": 40}.items():
    shifts = []
    for start in range(2000, 2100):
        subs = pysubs2.SSAFile()
        subs.append(pysubs2.SSAEvent(start=start, end=3000, text="Hello."))
        back = pysubs2.SSAFile.from_string(subs.to_string(form, fps=25), form, fps=25)[-1].start
        shifts.append(back - start)
    found[form] = (min(shifts), max(shifts))
    print(f"pysubs2 {version('pysubs2')}; {form} has steps of {step} ms; times come back moved by {found[form]} ms")
assert found["mpl2"] == (-99, 0), "the behaviour has changed"
for form, step in {"ass": 10, "microdvd": 40}.items():
    assert max(map(abs, found[form])) <= step / 2 + 1, "the behaviour has changed"
PY
