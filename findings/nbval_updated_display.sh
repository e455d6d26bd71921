#!/bin/sh
# nbval compares a display as it first was: a notebook that was just run fails, and a stale one passes.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check nbval==0.11.0 nbclient==0.11.0 \
  ipykernel==7.4.0 nbformat==5.11.1 pytest==9.2.0
cd "$folder"
cat > run.py <<'PY'
import copy
import subprocess
import sys
from importlib.metadata import version

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

source = 'from IPython.display import display\nshown = display("first", display_id=True)\nshown.update("last")'
kernel = {"kernelspec": {"name": "python3", "display_name": "python3", "language": "python"}}
just_run = new_notebook(cells=[new_code_cell(source)], metadata=kernel)
NotebookClient(just_run).execute()
stale = copy.deepcopy(just_run)
stale.cells[0].outputs[0]["data"]["text/plain"] = "'first'"
passed = {}
print(f"nbval {version('nbval')}; a cell shows 'first' and changes it to 'last'")
for name, notebook in (("just_run", just_run), ("stale", stale)):
    nbformat.write(notebook, f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", f"{name}.ipynb"]
    passed[name] = subprocess.run(command, capture_output=True).returncode == 0
    print(f"{name}, with the output {notebook.cells[0].outputs[0]['data']['text/plain']}:", "passes" if passed[name] else "fails")
# What the update puts there is compared with nothing.
assert just_run.cells[0].outputs[0]["data"]["text/plain"] == "'last'", "the behaviour has changed"
assert passed == {"just_run": False, "stale": True}, "the behaviour has changed"
PY
PATH="$folder/venv/bin:$PATH" JUPYTER_PATH= venv/bin/python run.py 2>errors || { cat errors; exit 1; }
