#!/bin/sh
# mutagen: the length of AAC in an m4a file is that of all packets, with the encoder's start: 1.021 s of 1 s.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check mutagen==1.48.1 tinytag==2.3.2 av==18.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import av
import mutagen
import numpy as np
from tinytag import TinyTag

print(f"mutagen {version('mutagen')}, tinytag {version('tinytag')}; one second of sound")
found = {}
for name, codec, rate, kind in (("48.m4a", "aac", 48000, "fltp"), ("16.m4a", "aac", 16000, "fltp"), ("48.flac", "flac", 48000, "s16")):
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    samples = (tone * 32767).astype(np.int16) if kind == "s16" else tone.astype(np.float32)
    with av.open(name, "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono", format=kind)
        for start in range(0, rate, 1024):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None, start : start + 1024]), format=kind, layout="mono")
            frame.sample_rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    found[name] = mutagen.File(name).info.length, TinyTag.get(name).duration
    print(f"{name}: mutagen {found[name][0]:.4f} s, tinytag {found[name][1]:.4f} s")
# The file's edit list leaves out the first 1024 samples; at 16 kHz they are 64 ms, more than a frame at 25 per second.
assert abs(found["48.m4a"][0] - 1.0213) < 0.001 and abs(found["16.m4a"][0] - 1.064) < 0.001, "the behaviour has changed"
assert abs(found["48.flac"][0] - 1) < 0.001 and all(abs(other - 1) < 0.001 for _, other in found.values()), "the behaviour has changed"
PY
