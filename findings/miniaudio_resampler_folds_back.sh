#!/bin/sh
# miniaudio's rate conversion leaves in what lies above the new band, folded back as other tones.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check miniaudio==1.71 soxr==1.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import miniaudio
import numpy as np
import soxr

rate, new = 44100, 16000
t = np.arange(2 * rate) / rate
FLOAT = miniaudio.SampleFormat.FLOAT32


def by_miniaudio(x):
    return np.frombuffer(miniaudio.convert_frames(FLOAT, 1, rate, x.tobytes(), FLOAT, 1, new), np.float32)


print(f"miniaudio {version('miniaudio')}, soxr {soxr.__version__}; sines, 44.1 to 16 kHz")
left = {}
for f in (1000, 9000, 10000, 12000):
    x = np.sin(2 * np.pi * f * t).astype(np.float32)
    for name, y in (("miniaudio", by_miniaudio(x)), ("soxr", soxr.resample(x, rate, new))):
        y = y[2000:-2000]
        peak = np.abs(np.fft.rfft(y * np.hanning(len(y)))).argmax() * new / len(y)
        left[f, name] = 20 * np.log10(np.sqrt(2 * (y**2).mean()) + 1e-9), peak
    print(f"{f} Hz:", ", ".join(f"{n} {left[f, n][0]:.1f} dB" for n in ("miniaudio", "soxr")),
          f"(miniaudio's loudest at {left[f, 'miniaudio'][1]:.0f} Hz)")
# 9 kHz cannot be there at 16 kHz: an s of a voice comes back as a tone at 7 kHz, where speech features look.
assert abs(left[1000, "miniaudio"][0]) < 0.1 and left[9000, "miniaudio"][0] > -9, "the behaviour has changed"
assert abs(left[9000, "miniaudio"][1] - 7000) < 5 and left[9000, "soxr"][0] < -80, "the behaviour has changed"
PY
