#!/bin/sh
# MediaPipe's face mesh in its video mode: the same picture, shown again and again, gets other landmarks.
# Needs python3 with venv (3.9 to 3.12), and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check mediapipe==0.10.21 scikit-image==0.25.2
cd "$folder"
venv/bin/python -W ignore - 2>errors <<'PY' || { cat errors; exit 1; }
import mediapipe
import numpy as np
from skimage import data

picture = np.ascontiguousarray(data.astronaut())  # a photograph of a person that scikit-image brings
size = np.array([picture.shape[1], picture.shape[0]])


def looks(times, still):
    with mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=still, refine_landmarks=True) as mesh:
        found = [mesh.process(picture).multi_face_landmarks[0].landmark for _ in range(times)]
    return [np.array([[p.x, p.y] for p in points]) * size for points in found]


first, again = looks(2, True)
video = looks(12, False)
width = np.ptp(first[:, 0])
moved = [float(np.linalg.norm(points - first, axis=1).max()) for points in video]
print(f"mediapipe {mediapipe.__version__}; the face is {width:.0f} px wide")
print("picture mode, the same picture twice: the farthest landmark moves", float(np.abs(again - first).max()), "px")
print("video mode, 12 times the same picture, from the first answer:", [round(x, 2) for x in moved], "px")
# From the second frame on the mesh looks at a square around its last landmarks, not around the detected face.
# So a still clip begins with a jump, and a clip's first frame is no measure of the others.
assert np.abs(again - first).max() == 0 and moved[0] == 0, "the behaviour has changed"
assert moved[1] > 0.015 * width and min(moved[3:]) > 0.03 * width, "the behaviour has changed"
PY
