#!/bin/sh
# pylipsync takes sound below 16 kHz for sound at 16 kHz: its times end at half of a telephone's recording.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pylipsync==0.2.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import librosa
import numpy as np
from pylipsync import PhonemeAnalyzer

seconds = 4
rng = np.random.default_rng(0)
t = np.arange(48000 * seconds) / 48000
voice = (sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 25)) * 0.05).astype(np.float32)
analyzer = PhonemeAnalyzer()
print(f"pylipsync {version('pylipsync')}; {seconds} s of the same sound, 25 frames per second")
ends = {}
for rate in (48000, 16000, 8000):
    sound = librosa.resample(voice, orig_sr=48000, target_sr=rate)
    segments = analyzer.extract_phoneme_segments(sound, rate, fps=25, return_seconds=True)
    ends[rate] = len(segments), segments[-1].end
    print(f"{rate} Hz: {len(segments)} frames, the last ends at {segments[-1].end:.2f} s")
# Sound at a lower rate is not brought to 16 kHz, but goes on as if it were.
assert ends[48000] == ends[16000] == (100, 4.0) and ends[8000] == (50, 2.0), "the behaviour has changed"
PY
