#!/bin/sh
# safetensors' save_file makes files that only their owner can read, whatever the umask; numpy's save does not.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
cd "$folder"
cat > write.py <<'PY'
import os
import stat

import numpy as np
import safetensors
from safetensors.numpy import save, save_file

os.umask(0o022)
weights = {"weight": np.zeros(3, np.float32)}
save_file(weights, "by_save_file.safetensors")
with open("by_save.safetensors", "wb") as file:
    file.write(save(weights))
np.save("by_numpy.npy", weights["weight"])
names = ("by_save_file.safetensors", "by_save.safetensors", "by_numpy.npy")
modes = {name: oct(stat.S_IMODE(os.stat(name).st_mode)) for name in names}
print(f"safetensors {safetensors.__version__}, umask 0o22:", modes)
# In a folder that a class shares, nobody else can read such weights, and the error speaks of permissions.
assert list(modes.values()) == ["0o600", "0o644", "0o644"], "the behaviour has changed"
PY
venv/bin/python write.py
