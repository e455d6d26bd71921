#!/bin/sh
# FFmpeg's resampler as it comes loses treble from 44.1 to 16 kHz that soxr keeps.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check av==18.1.0 numpy==2.4.6 soxr==1.1.0
cd "$folder"
venv/bin/python - <<'PY'
import av
import numpy as np
import soxr

rate, new = 44100, 16000
t = np.arange(4 * rate) / rate


def swr(x):
    frame = av.AudioFrame.from_ndarray(x[None], format="fltp", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=new)
    return np.concatenate([f.to_ndarray()[0] for f in (*resampler.resample(frame), *resampler.resample(None))])


def decibel(y):
    y = y[new:-new]
    return 20 * np.log10(np.sqrt((y**2).mean()) / np.sqrt(0.5))


print(f"PyAV {av.__version__}, FFmpeg {av.ffmpeg_version_info}, soxr {soxr.__version__}; sines, 44.1 to 16 kHz")
lost = {}
for f in (1000, 7000, 7500):
    x = np.sin(2 * np.pi * f * t).astype(np.float32)
    lost[f] = decibel(swr(x)), decibel(soxr.resample(x, rate, new))
    print(f"{f} Hz: FFmpeg {lost[f][0]:+.2f} dB, soxr {lost[f][1]:+.2f} dB")
# 7.5 kHz lies below the new Nyquist frequency of 8 kHz, and speech features read that far.
assert abs(lost[1000][0]) < 0.1 and lost[7500][0] < -2 and lost[7500][1] > -0.6, "the behaviour has changed"
PY
