#!/bin/sh
# pylipsync at 60 frames per second gives 10 frames per minute too many; each lip frame comes ever earlier.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pylipsync==0.2.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from pylipsync import PhonemeAnalyzer

rate, seconds = 16000, 60
sound = 0.1 * np.random.default_rng(0).normal(size=rate * seconds).astype(np.float32)
analyzer = PhonemeAnalyzer()
print(f"pylipsync {version('pylipsync')}; one minute of sound at 16 kHz")
found = {}
for fps in (25, 30, 60):
    segments = analyzer.extract_phoneme_segments(sound, rate, fps=fps, return_seconds=True)
    found[fps] = len(segments), segments[50 * fps].start
    print(f"fps={fps}: {len(segments)} frames for {fps * seconds}; frame {50 * fps} begins at {found[fps][1]:.3f} s, not 50 s")
# A hop is a whole number of samples, rounded down (16000 // 60). The default of 60 runs away by 0.15 s per minute.
assert found[25] == (1500, 50.0), "the behaviour has changed"
assert found[60][0] == 3610 and found[60][1] < 49.9, "the behaviour has changed"
PY
