#!/bin/sh
# textgrid-convert: to_darla_textgrid(speaker_id=2), the "speaker to keep", keeps what all speakers say.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check textgrid-convert==1.2.0 pytest==9.2.0 numpy==2.4.6 pandas==3.1.1
cd "$folder"
venv/bin/python - <<'PY'
import json
from importlib.metadata import version

from textgrid_convert.revParser import revParser
from textgrid_convert.sbvParser import sbvParser

print(f"textgrid-convert {version('textgrid-convert')}: Mia, then Tom; the sentences of the DARLA TextGrid of Tom")
said = [(1, "Mia", "Good morning", 0), (2, "Tom", "Hello", 1), (1, "Mia", "How are you", 2)]
turns = [
    {
        "speaker": i,
        "speaker_name": name,
        "elements": [{"type": "text", "value": text, "timestamp": f"00:00:0{t},000", "end_timestamp": f"00:00:0{t},900"}],
    }
    for i, name, text, t in said
]
rev = revParser(json.dumps({"speakers": [{"id": 1, "name": "Mia"}, {"id": 2, "name": "Tom"}], "monologues": turns}))
sbv = sbvParser("".join(f"0:00:0{t}.000,0:00:0{t}.900\n{name.upper()}: {text}\n\n" for _, name, text, t in said))
assert [e["speaker_name"] for e in sbv.transcription_dict.values()] == ["MIA", "TOM", "MIA"], "the speakers are known"


def sentences(grid):
    return [line.split('"')[1] for line in grid.splitlines() if "text =" in line and line.split('"')[1]]


found = sentences(rev.to_darla_textgrid(speaker_id=2)), sentences(sbv.to_darla_textgrid(speaker_name="TOM"))
print(f"of a Rev file {found[0]}, of an SBV file {found[1]}")
assert found == (["Good morning", "Hello", "How are you"],) * 2, "the behaviour has changed"
PY
