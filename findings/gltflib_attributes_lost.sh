#!/bin/sh
# gltflib drops the attributes of a mesh that are not among its eight: landmarks, masks and a third UV are gone.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check gltflib==1.0.13
cd "$folder"
venv/bin/python - <<'PY'
import json
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")
from gltflib import GLTF

names = ["POSITION", "NORMAL", "TEXCOORD_0", "TEXCOORD_2", "COLOR_0", "COLOR_1", "_LANDMARK", "_MASK"]
face = {
    "asset": {"version": "2.0"},
    "meshes": [{"primitives": [{"attributes": {name: i for i, name in enumerate(names)}}]}],
    "accessors": [{"componentType": 5126, "count": 3, "type": "VEC3"} for _ in names],
}
with open("face.gltf", "w") as file:
    json.dump(face, file)
GLTF.load("face.gltf").export("copy.gltf")
with open("copy.gltf") as file:
    copy = json.load(file)
kept = list(copy["meshes"][0]["primitives"][0]["attributes"])
lost = [name for name in names if name not in kept]
print(f"gltflib {version('gltflib')}; kept: {kept}; lost: {lost}")
print(f"accessors: {len(copy['accessors'])}, as before")
# glTF asks for the underscore before names of one's own; the numbers stay in the file, but nothing points at them.
assert "POSITION" in kept and "TEXCOORD_0" in kept and len(copy["accessors"]) == len(names), "the behaviour has changed"
assert {"_LANDMARK", "_MASK", "TEXCOORD_2", "COLOR_1"} <= set(lost), "the behaviour has changed"
PY
