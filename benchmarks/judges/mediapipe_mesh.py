r"""Landmarks of MediaPipe's face mesh for a folder of PNG files.

``python mediapipe_mesh.py FOLDER`` prints one JSON object: versions, and per file the 478 points in pixels,
or null without a face. Each picture has a mesh of its own, because a tracked one follows the last picture.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import mediapipe
import numpy as np
from PIL import Image

files = {}
for path in sorted(Path(sys.argv[1]).glob("*.png")):
    picture = np.array(Image.open(path).convert("RGB"))
    with mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, refine_landmarks=True) as mesh:
        found = mesh.process(picture).multi_face_landmarks
    size = np.array([picture.shape[1], picture.shape[0]])
    points = found and np.array([[p.x, p.y] for p in found[0].landmark]) * size - 0.5
    files[path.name] = {"points": points.round(2).tolist() if found else None}
print(json.dumps({"versions": {"mediapipe": version("mediapipe")}, "files": files}))
