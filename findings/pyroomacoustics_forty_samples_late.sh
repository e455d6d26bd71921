#!/bin/sh
# pyroomacoustics: every room response is 40 samples late, so a sound arrives 2.5 ms after its way at 16 kHz, 5 ms at 8 kHz.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyroomacoustics==0.10.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
import pyroomacoustics as pra

late = {}
for rate in (8000, 16000, 48000):
    room = pra.ShoeBox([8, 6, 4], fs=rate, max_order=0)  # without walls: the direct way alone
    metres = 160 / 16000 * room.c
    room.add_source([2, 3, 2], signal=np.r_[np.zeros(100), 1.0])
    room.add_microphone([2 + metres, 3, 2])
    room.simulate()
    arrives = int(np.argmax(np.abs(room.mic_array.signals[0]))) - 100
    late[rate] = arrives - round(metres / room.c * rate)
    print(f"pyroomacoustics {version('pyroomacoustics')}, {rate} Hz: {metres:.2f} m take {metres / room.c * 1000:.1f} ms; the click arrives after {arrives / rate * 1000:.1f} ms, {late[rate]} samples late")
# Half the length of the filter for fractions of a sample, at every rate.
assert set(late.values()) == {40}, "the behaviour has changed"
PY
