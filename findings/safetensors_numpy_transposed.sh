#!/bin/sh
# safetensors' NumPy side writes a transposed array in the order of its memory: other numbers are read back.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
import safetensors
from safetensors.numpy import load, load_file, save, save_file

rows = np.arange(6, dtype=np.float32).reshape(2, 3)
given = {"as it is": rows, "transposed": rows.T, "in Fortran's order": np.asfortranarray(rows)}
read = load(save(given))
print(f"safetensors {safetensors.__version__}, numpy {np.__version__}; written, then read back:")
for name, array in given.items():
    print(f"{name}: {array.tolist()} comes back as {read[name].tolist()}")
save_file(given, "a.safetensors")
same = {name: np.array_equal(load_file("a.safetensors")[name], array) for name, array in given.items()}
# A matrix of weights that was turned for another framework keeps its shape and loses its meaning, and nothing is
# said; np.ascontiguousarray before writing keeps it.
assert same == {"as it is": True, "transposed": False, "in Fortran's order": False}, "the behaviour has changed"
assert all(read[name].shape == array.shape for name, array in given.items()), "the behaviour has changed"
assert np.array_equal(load(save({"a": np.ascontiguousarray(rows.T)}))["a"], rows.T), "the behaviour has changed"
PY
