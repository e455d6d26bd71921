#!/bin/sh
# jiwer: a line break or a tab between two words makes one word of them, so a transcript of two lines has word errors that nobody made.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jiwer==4.0.0
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import jiwer

said = "the cat sat on the mat"
print(f"jiwer {version('jiwer')}: word error rate of '{said}' against itself, one space replaced")
rates = {}
for name, between in (("space", " "), ("two spaces", "  "), ("line break", "\n"), ("tab", "\t")):
    rates[name] = jiwer.wer(said.replace(" on", between + "on"), said)
    print(f"{name}: {rates[name]:.2f}")
words = jiwer.process_words(said.replace(" on", "\non"), said).references[0]
print("words:", words)
assert rates["space"] == rates["two spaces"] == 0, "the behaviour has changed"
assert rates["line break"] == rates["tab"] == 2 / 5, "the behaviour has changed"
assert "sat\non" in words, "the behaviour has changed"
PY
