#!/bin/sh
# pedalboard reads an MP3 with its encoder's delay; soundfile and PyAV leave it out.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pedalboard==0.9.26 soundfile==0.14.0 av==18.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import av
import numpy as np
import pedalboard
import soundfile
from pedalboard.io import AudioFile

rate, n = 16000, 48000
rng = np.random.default_rng(0)
sound = 0.1 * np.convolve(rng.normal(size=n), np.hanning(9) / 4, "same")
soundfile.write("a.mp3", sound, rate)


def late(samples):
    """Samples by which a second of the sound lies later than it was written."""
    found = np.correlate(samples[: 3 * rate], sound[rate : 2 * rate], "valid")
    return int(found.argmax()) - rate


read = {"soundfile": soundfile.read("a.mp3")[0]}
with av.open("a.mp3") as file:
    read["PyAV"] = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
with AudioFile("a.mp3") as file:
    read["pedalboard"] = file.read(file.frames)[0]
print(f"pedalboard {pedalboard.__version__}, soundfile {soundfile.__version__}, PyAV {av.__version__}")
for name, samples in read.items():
    print(f"{name}: {len(samples)} of {n} samples, {late(samples)} samples late")
# 1105 samples are 69 ms at 16 kHz, nearly two frames of a film at 25 frames per second.
assert [len(read[k]) == n and late(read[k]) == 0 for k in ("soundfile", "PyAV")] == [True, True], "the behaviour has changed"
assert len(read["pedalboard"]) > n + 1000 and late(read["pedalboard"]) == 1105, "the behaviour has changed"
PY
