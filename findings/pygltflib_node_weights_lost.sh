#!/bin/sh
# pygltflib drops a node's morph weights: a face that smiles is at rest after it was read and written.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pygltflib==1.16.5
cd "$folder"
venv/bin/python - <<'PY'
import base64
import json
import struct
from importlib.metadata import version

import pygltflib

points = [(0, 0, 0), (1, 0, 0), (0, 1, 0)], [(0, 0, 1), (0, 0, 0), (0, 0, 0)]  # at rest, and what a smile adds
data = b"".join(struct.pack("<3f", *point) for shape in points for point in shape)
accessor = {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}
face = {
    "asset": {"version": "2.0"},
    "scene": 0,
    "scenes": [{"nodes": [0, 1]}],
    "nodes": [{"name": "smiling", "mesh": 0, "weights": [0.7]}, {"name": "at rest", "mesh": 0}],
    "meshes": [{"weights": [0.0], "primitives": [{"attributes": {"POSITION": 0}, "targets": [{"POSITION": 1}]}]}],
    "accessors": [
        {**accessor, "min": [0, 0, 0], "max": [1, 1, 0]},
        {**accessor, "byteOffset": 36, "min": [0, 0, 0], "max": [0, 0, 1]},
    ],
    "bufferViews": [{"buffer": 0, "byteLength": len(data)}],
    "buffers": [{"byteLength": len(data), "uri": "data:application/octet-stream;base64," + base64.b64encode(data).decode()}],
}
with open("face.gltf", "w") as file:
    json.dump(face, file)
pygltflib.GLTF2().load("face.gltf").save("copy.gltf")
with open("copy.gltf") as file:
    copy = json.load(file)
print(f"pygltflib {version('pygltflib')}")
for name, nodes in (("before", face["nodes"]), ("after ", copy["nodes"])):
    print(name, {node["name"]: node.get("weights", "those of the mesh") for node in nodes})
print("the mesh's own weights:", face["meshes"][0]["weights"], "before,", copy["meshes"][0]["weights"], "after")
# glTF gives a node weights so that two heads may share one mesh; both get the mesh's own here.
assert copy["meshes"][0]["weights"] == [0.0] and len(copy["nodes"]) == 2, "the behaviour has changed"
assert not any("weights" in node for node in copy["nodes"]), "the behaviour has changed"
PY
