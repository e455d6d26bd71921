#!/bin/sh
# bvh: a motion whose last line has no line end loses its last frame; the number of frames that it says is the file's.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check bvh==0.3
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

from bvh import Bvh

HEAD = """HIERARCHY
ROOT Head
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  End Site
  {
    OFFSET 0 1 0
  }
}
MOTION
Frames: %d
Frame Time: 0.04
%s"""
rows = [f"0 0 0 0 0 {10 * k}" for k in range(1, 4)]
text = HEAD % (len(rows), "\n".join(rows))
found = {}
for name, data in {"with a line end": text + "\n", "without": text}.items():
    motion = Bvh(data)
    turns = [row[0] for row in motion.frames_joint_channels("Head", ["Yrotation"])]
    found[name] = (motion.nframes, turns)
    print(f"bvh {version('bvh')}; three frames, the last line {name}: nframes {motion.nframes}, turns {turns}")
assert found["with a line end"] == (3, [10, 20, 30]), "the behaviour has changed"
assert found["without"] == (3, [10, 20]), "the behaviour has changed"
PY
