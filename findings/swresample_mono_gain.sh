#!/bin/sh
# FFmpeg's resampler mixes stereo to mono 3 dB louder in floats than in 16 bit, and mono to stereo 3 dB quieter.
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

rate = 16000


def mixed(layout, to_layout, to_format, values):
    """What a constant sound (one value per channel) becomes; the first channel that comes out."""
    samples = np.tile(np.array(values, np.float32)[:, None], (1, 1600))
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
    frame.sample_rate = rate
    out = av.AudioResampler(format=to_format, layout=to_layout, rate=rate).resample(frame)[0].to_ndarray()
    return float(out.reshape(-1)[800]) / (32767 if to_format.startswith("s16") else 1)


print(f"PyAV {av.__version__}, FFmpeg {av.ffmpeg_version_info}; a constant 0.5 in each channel")
got = {to: mixed("stereo", "mono", to, [0.5, 0.5]) for to in ("s16", "fltp")}
for to, value in got.items():
    print(f"stereo to mono, as {to}: {value:.3f}")
loud = mixed("stereo", "mono", "fltp", [0.9, 0.9])
print(f"stereo to mono, as fltp, 0.9 in each channel: {loud:.3f}")
up = {to: mixed("mono", "stereo", to, [0.5]) for to in ("s16p", "fltp")}
print(f"mono to stereo: {up['s16p']:.3f} as s16p, {up['fltp']:.3f} as fltp")
# The format alone decides over the level, and floats leave [-1, 1]: equal channels are summed with 0.707 each.
assert abs(got["s16"] - 0.5) < 1e-3 and abs(got["fltp"] - 0.5 * 2**0.5) < 1e-3 and loud > 1.2, "the behaviour has changed"
assert all(abs(value - 0.5 / 2**0.5) < 1e-3 for value in up.values()), "the behaviour has changed"
PY
