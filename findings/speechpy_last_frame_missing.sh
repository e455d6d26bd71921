#!/bin/sh
# speechpy: the last whole frame of a sound is left out, so a sound of exactly one frame has none, with zero padding, too.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check speechpy==2.4 numpy==1.26.4 scipy==1.12.0
cd "$folder"
MPLBACKEND=agg venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import numpy as np
from speechpy.processing import stack_frames

rate, length, step = 16000, 320, 160  # frames of 20 ms, one per 10 ms
print(f"speechpy {version('speechpy')} (it prints its own numbers, too)")
counts = {}
for samples in (320, 480, 640, 16000):
    for padding in (False, True):
        frames = stack_frames(np.ones(samples), rate, 0.02, 0.01, zero_padding=padding)
        counts[samples, padding] = len(frames)
    whole = 1 + (samples - length) // step
    print(f"{samples} samples hold {whole} whole frames; it gives {counts[samples, False]}, padded {counts[samples, True]}")
    assert counts[samples, False] == counts[samples, True] == whole - 1, "the behaviour has changed"
PY
