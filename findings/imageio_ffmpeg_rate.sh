#!/bin/sh
# imageio-ffmpeg gives a film with left-out frames at one rate and tells another rate and count.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check imageio-ffmpeg==0.8.1 av==18.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from fractions import Fraction
from importlib.metadata import version

import av
import imageio_ffmpeg
import numpy as np

# 30 frames per second, of which every third was never filmed, as telephones do in the dark: 40 frames in 2 s.
times = [k for k in range(60) if k % 3 != 2]
with av.open("phone.mp4", "w") as out:
    stream = out.add_stream("libx264", rate=30)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    for k in times:
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 4 * k, np.uint8), format="rgb24")
        frame.pts, frame.time_base = k, Fraction(1, 30)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
reader = imageio_ffmpeg.read_frames("phone.mp4")
told = next(reader)
given = sum(1 for _ in reader)
count, seconds = imageio_ffmpeg.count_frames_and_secs("phone.mp4")
print(f"imageio-ffmpeg {version('imageio-ffmpeg')}; {len(times)} frames in 2 s")
print(f"told: fps {told['fps']}, duration {told['duration']} s; count_frames_and_secs: {count}, {seconds} s")
print(f"given: {given} frames, which at {told['fps']} per second last {given / told['fps']:.2f} s")
# Frames are doubled up to 30 per second; at the rate that is told, the film is slower than its sound.
assert count == len(times) == 40 and abs(told["fps"] - 20) < 1, "the behaviour has changed"
assert given >= 58 and given / told["fps"] > 2.7, "the behaviour has changed"
PY
