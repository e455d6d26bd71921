#!/bin/sh
# textgrid-convert: the last caption of an SBV file is lost unless an empty line follows it.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check textgrid-convert==1.2.0 pytest==9.2.0 numpy==2.4.6 pandas==3.1.1 fairy-subtitle==1.1.0
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version
from pathlib import Path

from fairy_subtitle import SubtitleLoader
from textgrid_convert.sbvParser import sbvParser
from textgrid_convert.srtParser import srtParser

print(f"textgrid-convert {version('textgrid-convert')}: two captions; the file ends with their last line")
sbv = "0:00:00.000,0:00:01.000\nGood morning\n\n0:00:01.000,0:00:02.500\nHello\n"
srt = "1\n00:00:00,000 --> 00:00:01,000\nGood morning\n\n2\n00:00:01,000 --> 00:00:02,500\nHello\n"


def said(parser):
    return [e["text"] for e in parser.transcription_dict.values()]


Path("a.sbv").write_text(sbv)
other = SubtitleLoader.load("a.sbv").get_texts()
found = said(sbvParser(sbv)), said(sbvParser(sbv + "\n")), said(srtParser(srt))
print(f"SBV {found[0]}, with an empty line after it {found[1]}, SRT {found[2]}; fairy-subtitle, SBV {other}")
assert other == ["Good morning", "Hello"], "two captions"
grid = sbvParser(sbv).to_textgrid()
end = max(float(line.split("=")[1]) for line in grid.splitlines() if "xmax" in line)
print(f"its TextGrid ends at {end} s")
assert found == (["Good morning"], ["Good morning", "Hello"], ["Good morning", "Hello"]) and end == 1.0, "the behaviour has changed"
PY
