#!/bin/sh
# swscale: YUV to rgb48le with full chroma gets green and blue wrong; gbrp16le is right.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check av==18.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

rgb = np.zeros((32, 32, 3), np.uint8)
rgb[:] = (200, 90, 30)
yuv = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p10le")
FULL_CHROMA = Interpolation.BILINEAR | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND


def seen(format, flags):
    out = VideoReformatter().reformat(yuv, format=format, interpolation=flags)
    return (out.to_ndarray()[8, 8].astype(int) / 257).round().astype(int).tolist()


plain, wide, planar = (
    seen("rgb48le", Interpolation.BILINEAR), seen("rgb48le", FULL_CHROMA), seen("gbrp16le", FULL_CHROMA)
)
print(f"PyAV {av.__version__}, FFmpeg {av.ffmpeg_version_info}; a picture of (200, 90, 30) as yuv420p10le, then")
print("rgb48le, plain flags:      ", plain)
print("rgb48le, full chroma:      ", wide)
print("gbrp16le, full chroma:     ", planar)
near = lambda got: max(abs(a - b) for a, b in zip(got, (200, 90, 30))) <= 4
assert near(planar) and not near(wide), "the behaviour has changed"
PY
