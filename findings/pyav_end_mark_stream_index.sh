#!/bin/sh
# PyAV: the end mark of every stream says that it belongs to stream 0.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check av==18.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from fractions import Fraction

import av
import numpy as np

with av.open("two.mkv", "w") as out:  # stream 0: video; stream 1: sound
    video = out.add_stream("mpeg4", rate=30)
    video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
    sound = out.add_stream("pcm_s16le", rate=8000, layout="mono")
    for n in range(5):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 40 * n, np.uint8), format="rgb24")
        frame.pts, frame.time_base = n, Fraction(1, 30)
        out.mux(video.encode(frame))
    samples = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.int16), format="s16", layout="mono")
    samples.sample_rate = 8000
    out.mux(sound.encode(samples))
    out.mux(video.encode(None))
    out.mux(sound.encode(None))
with av.open("two.mkv") as file:
    marks = [(p.stream_index, p.stream.index) for p in file.demux(file.streams.audio[0]) if p.dts is None]
print(f"PyAV {av.__version__}, FFmpeg {av.ffmpeg_version_info}")
print("demux() of stream 1 alone ends in an empty packet; its (stream_index, stream.index):", marks)
# A loop that sorts packets by stream_index sends the sound's end mark to the video decoder and loses what the
# sound decoder still holds; stream.index is right.
assert marks == [(0, 1)], "the behaviour has changed"
PY
