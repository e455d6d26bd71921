#!/bin/sh
# phonecodes: the vowels of bird and letter stay letters of IPA in X-SAMPA, whose own signs for them come back as two letters.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check phonecodes==2.0.0
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from phonecodes import phonecodes

print(f"phonecodes {version('phonecodes')}")
found = {}
for word, arpabet in {"boat": "B OW1 T", "bird": "B ER1 D", "letter": "L EH1 T ER0"}.items():
    ipa = phonecodes.arpabet2ipa(arpabet)
    found[word] = phonecodes.ipa2xsampa(ipa)
    print(f"{word}: ARPABET {arpabet}, IPA {ipa}, X-SAMPA {found[word]}")
back = {sign: phonecodes.xsampa2ipa(sign) for sign in ("3`", "@`")}
print(f"X-SAMPA's own signs in IPA: {back}, in ARPABET {[phonecodes.ipa2arpabet(ipa) for ipa in back.values()]}")
# X-SAMPA is a code in ASCII.
assert found["boat"].isascii(), "the behaviour has changed"
assert found["bird"] == 'b "ɝ d' and found["letter"] == 'l "E t ɚ', "the behaviour has changed"
assert back == {"3`": "ɜ˞", "@`": "ə˞"}, "the behaviour has changed"
PY
