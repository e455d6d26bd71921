r"""Landmarks of a video by the face mesh that MediaPipe 0.10.21 brings: no model file has to be found.

Run it in an environment of its own (``pip install mediapipe==0.10.21``): it needs nothing of this workbook.

    python mediapipe_points.py VIDEO OUT.npy

writes (frames, 478, 2) px, column and row, the centre of the upper left pixel at 0, 0; NaN without a face.
``dnt track VIDEO --landmarks OUT.npy`` takes that file.
"""

import sys

import cv2
import mediapipe
import numpy as np

video, out = sys.argv[1:]
capture, points = cv2.VideoCapture(video), []
with mediapipe.solutions.face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=True) as mesh:
    while True:
        there, frame = capture.read()
        if not there:
            break
        picture = np.ascontiguousarray(frame[..., ::-1])
        for _ in range(1 if points else 5):  # the mesh settles on the first frame, or that one would jump
            found = mesh.process(picture).multi_face_landmarks
        size = frame.shape[1], frame.shape[0]
        here = found and np.array([[p.x, p.y] for p in found[0].landmark]) * size - 0.5
        points.append(here if found else np.full((478, 2), np.nan))
if not points:
    sys.exit(f"{video}: no frame could be read")
np.save(out, np.array(points))
print(f"{out}: {len(points)} frames, a face in {sum(np.isfinite(p).all() for p in points)}")
