#!/bin/sh
# pylivelinkface: at 30 frames per second its packets say a rate of 30 / 0, at 120 they say 120 / 2, which is 60.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pylivelinkface==0.1 timecode==1.5.1
cd "$folder"
venv/bin/python - <<'PY'
import struct
from importlib.metadata import version

from pylivelinkface import PyLiveLinkFace

found = {}
for fps in (24, 30, 60, 120):
    packet = PyLiveLinkFace(fps=fps).encode()
    # Behind the rate stand one byte, the number of blend shapes, and 61 floats.
    end = len(packet) - 61 * 4 - 1
    assert packet[end] == 61
    found[fps] = struct.unpack("!II", packet[end - 8 : end])
print(f"pylivelinkface {version('pylivelinkface')}; numerator and denominator of the rate in a packet")
for fps, rate in found.items():
    print(f"{fps} frames per second: {rate[0]} / {rate[1]}")
assert found == {24: (24, 0), 30: (30, 0), 60: (60, 1), 120: (120, 2)}, "the behaviour has changed"
PY
