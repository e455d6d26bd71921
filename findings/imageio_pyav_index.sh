#!/bin/sh
# imageio's PyAV plugin: imread(index=k) gives another frame than the k-th of the same file.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check imageio==2.38.1 av==18.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from fractions import Fraction

import av
import imageio
import imageio.v3 as iio
import numpy as np

N = 40


def write(name, first, options):
    """N frames at a constant 30 per second, from `first` seconds on; frame k shows k as six bars."""
    with av.open(name, "w") as out:
        stream = out.add_stream("libx264", rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for k in range(N):
            bars = np.repeat([255 * (k >> bit & 1) for bit in range(6)] + [0], 10)[:64].astype(np.uint8)
            bars = np.pad(bars, (0, 64 - len(bars)))
            frame = av.VideoFrame.from_ndarray(np.tile(bars[None, :, None], (48, 1, 3)), format="rgb24")
            frame.pts, frame.time_base = k + round(30 * first), Fraction(1, 30)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def number(picture):
    return sum(int(picture[24, 10 * bit + 5].mean() > 127) << bit for bit in range(6))


print(f"imageio {imageio.__version__}, PyAV {av.__version__}; {N} frames at a constant 30 per second")
wrong = {}
for name, first, options in (
    ("plain.mp4", 0, {"g": "250"}),
    ("plain.mkv", 0, {"g": "12"}),
    ("later.mp4", 1.5, {"g": "12"}),
    ("open_groups.mp4", 0, {"x264-params": "open-gop=1:keyint=8:min-keyint=8:scenecut=0:bframes=3:b-adapt=0"}),
):
    write(name, first, options)
    assert [number(p) for p in iio.imiter(name, plugin="pyav")] == list(range(N)), "the behaviour has changed"
    got = [number(iio.imread(name, index=k, plugin="pyav")) for k in range(N)]
    wrong[name] = [(k, g) for k, g in enumerate(got) if g != k]
    print(f"{name}: imiter is right, imread(index=k) is wrong for {len(wrong[name])} of {N}", wrong[name][:4])
# (asked for, given): a file that begins at 1.5 s answers with its first frame, whatever the index.
assert not wrong["plain.mp4"] and wrong["plain.mkv"] and wrong["open_groups.mp4"], "the behaviour has changed"
assert len(wrong["later.mp4"]) > 35 and {g for _, g in wrong["later.mp4"]} == {0}, "the behaviour has changed"
PY
