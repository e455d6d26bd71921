#!/bin/sh
# FFmpeg takes the filling of a CAF file's last ALAC packet off twice, so the sound ends too early.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check av==18.1.0 soundfile==0.14.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import av
import numpy as np
import soundfile

rate, n = 16000, 48000
sound = (8000 * np.random.default_rng(0).normal(size=n)).clip(-32768, 32767).astype(np.int16)
soundfile.write("a.caf", sound, rate, format="CAF", subtype="ALAC_16")
by_soundfile, _ = soundfile.read("a.caf", dtype="int16")
with av.open("a.caf") as file:
    frames = [frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)]
by_av = np.concatenate(frames)
filling = -n % 4096  # an ALAC packet holds 4096 samples
print(f"PyAV {av.__version__}, FFmpeg {av.ffmpeg_version_info}, soundfile {soundfile.__version__}; {n} samples written")
print(f"soundfile reads {len(by_soundfile)}, all as written: {np.array_equal(by_soundfile, sound)}")
print(f"PyAV reads {len(by_av)}: the last {n - len(by_av)} are gone; the last packet's filling is {filling}")
# Lossless sound loses up to a quarter of a second at 16 kHz, and nothing is said.
assert np.array_equal(by_soundfile, sound) and np.array_equal(by_av, sound[: len(by_av)]), "the behaviour has changed"
assert len(by_av) == n - filling < n, "the behaviour has changed"
PY
