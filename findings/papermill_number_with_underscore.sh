#!/bin/sh
# papermill's -p reads 003_001, the name of a take, as the number 3001, and NaN or inf as a float.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check papermill==2.7.0 nbformat==5.11.1
cd "$folder"
venv/bin/python - <<'PY'
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

cell = new_code_cell('take = "none"', metadata={"tags": ["parameters"]})
kernel = {"kernelspec": {"name": "python3", "display_name": "python3", "language": "python"}}
nbformat.write(new_notebook(cells=[cell], metadata=kernel), "in.ipynb")
PY
for take in M003_001 003_001 1_0 inf; do
  venv/bin/papermill in.ipynb "$take.ipynb" -p take "$take" --prepare-only --no-progress-bar 2>errors || { cat errors; exit 1; }
done
venv/bin/python - <<'PY'
import nbformat
import papermill

takes = ("M003_001", "003_001", "1_0", "inf")
got = {take: nbformat.read(f"{take}.ipynb", 4).cells[1].source.splitlines()[-1] for take in takes}
print(f"papermill {papermill.__version__}; what papermill -p take NAME writes into the notebook:")
for take, line in got.items():
    print(f"   {take}: {line}")
# Underscores in digits are Python's, not a shell's. -r keeps the text.
assert got["M003_001"] == 'take = "M003_001"' and got["003_001"] == "take = 3001", "the behaviour has changed"
assert got["1_0"] == "take = 10" and got["inf"] == "take = float('inf')", "the behaviour has changed"
PY
