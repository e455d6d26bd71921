#!/bin/sh
# torchvision: rotate() by 180 degrees puts a key point one pixel beside its pixel; the two flips put it onto it.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torchvision==0.29.1 torch==2.14.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import torch
import torchvision
from torchvision.transforms.v2 import functional
from torchvision.tv_tensors import Image, KeyPoints

column, row, width, height = 5, 3, 20, 16
picture = torch.zeros(1, height, width)
picture[0, row, column] = 1
picture, point = Image(picture), KeyPoints(torch.tensor([[5.0, 3.0]]), canvas_size=(height, width))
changes = {
    "horizontal_flip and vertical_flip": lambda x: functional.vertical_flip(functional.horizontal_flip(x)),
    "rotate by 180": lambda x: functional.rotate(x, 180),
    "rotate by 90, expand": lambda x: functional.rotate(x, 90, expand=True),
}
print(f"torchvision {torchvision.__version__}; column and row of one lit pixel and of a key point on it")
found = {}
for name, change in changes.items():
    _, (y,), (x,) = torch.nonzero(change(picture), as_tuple=True)
    found[name] = [int(x), int(y)], change(point)[0].tolist()
    print(f"{name}: pixel {found[name][0]}, key point {found[name][1]}")
flipped, turned, quarter = found.values()
assert flipped == ([14, 12], [14.0, 12.0]), "the behaviour has changed"
assert turned == ([14, 12], [15.0, 13.0]) and quarter == ([3, 14], [3.0, 15.0]), "the behaviour has changed"
PY
