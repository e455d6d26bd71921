#!/bin/sh
# jupyter_client: a python3 kernelspec on JUPYTER_PATH wins over the interpreter that runs.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jupyter_client==8.10.0 ipykernel==7.4.0
cd "$folder"
mkdir -p module/kernels/python3
echo '{"argv": ["/somewhere/else/python", "-m", "ipykernel", "-f", "{connection_file}"],
 "display_name": "a cluster module", "language": "python"}' > module/kernels/python3/kernel.json
cat > look.py <<'PY'
import os
import sys

import jupyter_client
from jupyter_client.kernelspec import KernelSpecManager

found = {}
for path in ("", os.path.abspath("module")):
    os.environ["JUPYTER_PATH"] = path
    found[path] = KernelSpecManager().get_kernel_spec("python3").argv[0]
own, other = found.values()
print(f"jupyter_client {jupyter_client.__version__}; interpreter of the kernel 'python3'")
print("without JUPYTER_PATH:", "the running one" if own in (sys.executable, "python") else own)
print("with JUPYTER_PATH:   ", other)
# Modules of computing clusters set JUPYTER_PATH; a notebook then runs without the packages beside it.
assert own != other == "/somewhere/else/python", "the behaviour has changed"
PY
venv/bin/python look.py
