r"""dlib's 68 landmarks for a folder of PNG files.

``python dlib_marks.py FOLDER`` prints one JSON object: versions, and per file the 68 landmarks in pixels, or
null where its detector found no face. The model is the one that ``face_recognition_models`` brings.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import dlib
import face_recognition_models
import numpy as np
from PIL import Image

detect = dlib.get_frontal_face_detector()
mark = dlib.shape_predictor(face_recognition_models.pose_predictor_model_location())
files = {}
for path in sorted(Path(sys.argv[1]).glob("*.png")):
    picture = np.array(Image.open(path).convert("RGB"))
    boxes = detect(picture, 1)
    points = [[p.x, p.y] for p in mark(picture, boxes[0]).parts()] if boxes else None
    files[path.name] = {"points": points}
versions = {name: version(name) for name in ("dlib-bin", "face-recognition-models")}
print(json.dumps({"versions": versions, "files": files}))
