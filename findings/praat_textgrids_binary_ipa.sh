#!/bin/sh
# praat-textgrids cannot read its own binary TextGrid where a label has a letter beyond ASCII, such as a phone in IPA.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check praat-textgrids==1.4.0
cd "$folder"
venv/bin/python - <<'PY'
import struct
from importlib.metadata import version

import textgrids

print(f"praat-textgrids {version('praat-textgrids')}")
read = {}
for phones in (["b", "3`", "d"], ["b", "ɝ", "d"]):
    for name, form in (("long", textgrids.TEXT_LONG), ("binary", textgrids.BINARY)):
        grid = textgrids.TextGrid()
        grid.xmax = 3.0
        grid["phones"] = textgrids.Tier([textgrids.Interval(phone, i, i + 1) for i, phone in enumerate(phones)])
        grid.write("phones.TextGrid", form)
        try:
            read[phones[1], name] = [str(interval.text) for interval in textgrids.TextGrid("phones.TextGrid")["phones"]]
        except (textgrids.BinaryError, struct.error) as error:
            read[phones[1], name] = f"{type(error).__module__}.{type(error).__qualname__}"
        print(f"{' '.join(phones)}, {name}: {read[phones[1], name]}")
with open("phones.TextGrid", "rb") as file:
    data = file.read()
place = data.index("ɝ".encode("utf-16-be"))
length = int.from_bytes(data[place - 2 : place], "big")
# The reader takes it for a number of letters of two bytes each, as Praat does.
print(f"the length of the label ɝ is written as {length}, its bytes")
assert read["3`", "binary"] == ["b", "3`", "d"] and read["ɝ", "long"] == ["b", "ɝ", "d"], "the behaviour has changed"
assert read["ɝ", "binary"] == "struct.error" and length == 2, "the behaviour has changed"
PY
