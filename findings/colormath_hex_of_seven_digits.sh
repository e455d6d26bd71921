#!/bin/sh
# colormath: the hex code of a colour beyond sRGB has seven digits or more, because get_rgb_hex does not use the clamped values.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check colormath==3.0.0 numpy==1.26.4
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from colormath.color_conversions import convert_color
from colormath.color_objects import LabColor, sRGBColor

print(f"colormath {version('colormath')}")
codes = []
for lab in ((90, -120, 80), (60, 100, -80), (53, 80, 67)):
    rgb = convert_color(LabColor(*lab), sRGBColor)
    codes.append(rgb.get_rgb_hex())
    values = tuple(round(float(v), 2) for v in rgb.get_value_tuple())
    print(f"Lab {lab}: values {values}, clamped green {rgb.clamped_rgb_g:.2f}, hex {codes[-1]}")
assert codes[:2] == ["#001120c", "#fa00122"], "the behaviour has changed"
assert len(codes[2]) == 7, "the behaviour has changed"
PY
