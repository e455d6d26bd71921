#!/bin/sh
# PyAV with SVT-AV1: encoding makes the calling thread a real-time one for good, where the user may (root on Linux), and all that it starts later.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described, or the user may not.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check av==18.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
import os
import subprocess
import sys

import av
import numpy as np

NAMES = {os.SCHED_OTHER: "usual", os.SCHED_RR: "real-time, round robin", os.SCHED_FIFO: "real-time, first in first out"}
ask = "import os; print(os.sched_getscheduler(0))"
may = subprocess.run([sys.executable, "-c", "import os; os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))"], capture_output=True)
if may.returncode:
    sys.exit(print("this user may not have real-time threads: nothing to see"))


def encode(codec, options):
    with av.open(f"{codec}.mkv", "w") as file:
        stream = file.add_stream(codec, rate=25, options=options)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(3):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")))
        file.mux(stream.encode())


print(f"PyAV {av.__version__} (FFmpeg {av.ffmpeg_version_info}); scheduling of the thread that encodes")
found = {"before": os.sched_getscheduler(0)}
encode("libx264", {})
found["after libx264"] = os.sched_getscheduler(0)
encode("libsvtav1", {"preset": "12"})
found["after libsvtav1, its file closed"] = os.sched_getscheduler(0)
found["a program started then"] = int(subprocess.check_output([sys.executable, "-c", ask]))
for when, how in found.items():
    print(f"{when}: {NAMES.get(how, how)}")
real_time = (os.SCHED_RR, os.SCHED_FIFO)
assert [how in real_time for how in found.values()] == [False, False, True, True], "the behaviour has changed"
PY
