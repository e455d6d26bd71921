#!/bin/sh
# soundfile: after a seek in an Ogg Vorbis file the samples come from another place than asked for.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check soundfile==0.14.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
import soundfile

rate, n = 16000, 160000
t = np.arange(n) / rate
soundfile.write("a.ogg", 0.5 * np.sin(2 * np.pi * (100 * t + 195 * t**2)), rate, format="OGG", subtype="VORBIS")
whole, _ = soundfile.read("a.ogg")
print(f"soundfile {soundfile.__version__}, libsndfile {soundfile.__libsndfile_version__}; {n} samples, {rate} Hz")
wrong = {}
for start in range(0, n - 4000, 4037):
    with soundfile.SoundFile("a.ogg") as file:
        file.seek(start)
        told = file.tell()
        part = file.read(2000)
    assert told == start, "the behaviour has changed"
    if np.abs(part - whole[start : start + 2000]).max() > 1e-4:
        near = range(-2048, 2049)
        wrong[start] = [k for k in near if start + k >= 0 and len(whole[start + k :]) >= 2000
                        and np.abs(part - whole[start + k : start + k + 2000]).max() < 1e-4]
start, by = next(iter(wrong.items()))
print(f"{len(wrong)} of {len(range(0, n - 4000, 4037))} places are wrong; seek({start}) reads from {start + by[0]} on,"
      f" and tell() says {start}")
part, _ = soundfile.read("a.ogg", start=start, frames=2000)
assert np.abs(part - whole[start + by[0] : start + by[0] + 2000]).max() < 1e-4, "the behaviour has changed"
print(f"read(start={start}) reads from {start + by[0]} on too: {1000 * by[0] / rate:.0f} ms off")
# So a crop of a recording's sound does not fit its film; reading the whole file and cutting it is right.
assert len(wrong) >= 5 and all(len(by) == 1 and by[0] > 0 for by in wrong.values()), "the behaviour has changed"
PY
