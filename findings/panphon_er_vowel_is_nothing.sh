#!/bin/sh
# panphon leaves out the vowel of "bird" and the affricates of one letter: "bird" is "bd", and no feature differs.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check panphon==0.22.2
cd "$folder"
venv/bin/python - <<'PY'
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")
import panphon

table = panphon.FeatureTable()
print(f"panphon {version('panphon')}")
found = {}
for ipa in ("bɝd", "bɜ˞d", "lɛtɚ", "lɛtə˞", "ʧɛk", "tʃɛk"):
    found[ipa] = table.ipa_segs(ipa)
    print(f"{ipa}: {found[ipa]}, {len(table.word_to_vector_list(ipa))} rows of features")
# These letters are those into which the ER and CH of English dictionaries are usually turned. Nothing is said.
assert found["bɝd"] == ["b", "d"] and found["lɛtɚ"] == ["l", "ɛ", "t"], "the behaviour has changed"
assert found["ʧɛk"] == ["ɛ", "k"], "the behaviour has changed"
assert len(found["bɜ˞d"]) == 3 and len(found["lɛtə˞"]) == 4 and len(found["tʃɛk"]) == 4, "the behaviour has changed"
assert table.word_to_vector_list("bɝd") == table.word_to_vector_list("bd"), "the behaviour has changed"
PY
