#!/bin/sh
# import-linter does not look into a folder without __init__.py, though Python imports from it: the contract is kept.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check import-linter==2.17
cd "$folder"
mkdir -p house/roof house/cellar/shelf
touch house/__init__.py house/roof/__init__.py house/cellar/__init__.py
echo 'from house import roof' > house/cellar/shelf/jam.py
cat > .importlinter <<'INI'
[importlinter]
root_package = house
[importlinter:contract:layers]
name = the cellar does not import the roof
type = layers
layers =
    house.roof
    house.cellar
INI
look() { venv/bin/lint-imports --no-cache > told || true; grep -E 'Analyzed|kept,' told; }
venv/bin/python -c 'import house.cellar.shelf.jam as jam; from importlib.metadata import version
print("import-linter", version("import-linter")); print("Python imports", jam.__name__, "and through it", jam.roof.__name__)'
echo "without house/cellar/shelf/__init__.py:"; look > one; cat one
touch house/cellar/shelf/__init__.py
echo "with it:"; look > two; cat two
# A forgotten empty file takes a whole room out of the check, and nothing is said.
grep -q '1 kept, 0 broken' one && grep -q '0 kept, 1 broken' two || { echo "the behaviour has changed"; exit 1; }
