#!/bin/sh
# PyAV: a JPEG with an Exif orientation has a frame whose side_data cannot be read: "31 is not a valid Type"; its rotation can.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
${PYTHON:-python3} -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check av==18.1.0 pillow==12.0.0
cat > look.py <<'PY'
import av
from PIL import Image

plain, turned = "plain.jpg", "turned.jpg"
picture = Image.new("RGB", (64, 48), (200, 90, 30))
picture.save(plain)
exif = Image.Exif()
exif[0x0112] = 6  # to be shown turned by a quarter
picture.save(turned, exif=exif)

said = {}
for name in (plain, turned):
    with av.open(name) as held:
        frame = next(held.decode(video=0))
    try:
        said[name] = f"side data: {len(frame.side_data)}"
    except ValueError as error:
        said[name] = f"ValueError: {error}"
    print(f"PyAV {av.__version__}, {name}: {said[name]}; rotation {frame.rotation}")
assert said[plain] == "side data: 0", "the behaviour has changed"
assert said[turned].startswith("ValueError: 31 is not a valid"), "the behaviour has changed"
assert frame.rotation != 0, "the behaviour has changed"
PY
venv/bin/python look.py
