#!/bin/sh
# safetensors writes the same tensors and the same metadata as different bytes in each process.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
cd "$folder"
cat > write.py <<'PY'
import hashlib
import sys

import numpy as np
from safetensors.numpy import save

texts = {name: "x" for name in sys.argv[1:]}
print(hashlib.sha256(save({"weight": np.zeros(3, np.float32)}, texts)).hexdigest()[:12])
PY
venv/bin/python -c 'import safetensors; print("safetensors", safetensors.__version__)'
for i in 1 2 3 4 5 6 7 8; do venv/bin/python write.py size seed command data epoch name; done > six.txt
for i in 1 2 3 4 5 6 7 8; do venv/bin/python write.py all_as_json; done > one.txt
six=$(sort -u six.txt | wc -l)
one=$(sort -u one.txt | wc -l)
echo "eight processes wrote $((six)) different files with six metadata keys, $((one)) with one key"
# A hash of the file is no hash of the weights. With one key (all texts as one JSON text) it is.
[ "$six" -gt 1 ] && [ "$one" -eq 1 ] || { echo "the behaviour has changed"; exit 1; }
