#!/bin/sh
# papermill: a tuple given as a parameter arrives as a string.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check papermill==2.7.0 ipykernel==7.4.0
cd "$folder"
cat > run.py <<'PY'
import json

import nbformat
import papermill
from nbformat.v4 import new_code_cell, new_notebook

cells = [new_code_cell("sizes = (1, 2)", metadata={"tags": ["parameters"]}), new_code_cell("print(repr(sizes))")]
kernel = {"kernelspec": {"name": "python3", "display_name": "python3", "language": "python"}}
nbformat.write(new_notebook(cells=cells, metadata=kernel), "in.ipynb")
got = {}
for name, value in (("list", [3, 4]), ("tuple", (3, 4))):
    done = papermill.execute_notebook("in.ipynb", "out.ipynb", {"sizes": value}, progress_bar=False)
    got[name] = done.cells[-1].outputs[0].text.strip()
print(f"papermill {papermill.__version__}; the notebook prints its parameter:", json.dumps(got))
# Nothing is said; len() is 6 then, and a loop goes over the characters.
assert got == {"list": "[3, 4]", "tuple": "'(3, 4)'"}, "the behaviour has changed"
PY
PATH="$folder/venv/bin:$PATH" JUPYTER_PATH= venv/bin/python run.py
