#!/bin/sh
# papermill: a notebook whose path begins with a dash is not opened; standard input is read in its place.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check papermill==2.7.0
cd "$folder"
cat > look.py <<'PY'
import os

import nbformat
import papermill
from nbformat.v4 import new_markdown_cell, new_notebook
from papermill.iorw import load_notebook_node

os.makedirs("-week1")
nbformat.write(new_notebook(cells=[new_markdown_cell("the file")]), os.path.join("-week1", "a.ipynb"))
found = {path: load_notebook_node(path).cells[0].source for path in ("./-week1/a.ipynb", "-week1/a.ipynb")}
print(f"papermill {papermill.__version__}:", found)
# Only "-" alone is documented as standard input; from a terminal such a run waits for ever.
assert found == {"./-week1/a.ipynb": "the file", "-week1/a.ipynb": "standard input"}, "the behaviour has changed"
PY
cat > stdin.ipynb <<'NB'
{"cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["standard input"]}],
 "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
NB
venv/bin/python look.py < stdin.ipynb
