r"""Expression by the package ``fer`` (a small network trained on FER-2013) for a folder of PNG files.

``python fer_net.py FOLDER`` prints one JSON object: versions, and per file the seven probabilities, or null
where its own detector (OpenCV's Haar cascade) found no face. It runs as the package does by default.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from fer.fer import FER
from PIL import Image

NAMES = {"disgust": "disgusted", "fear": "fearful", "surprise": "surprised"}
judge = FER()
files = {}
for path in sorted(Path(sys.argv[1]).glob("*.png")):
    picture = np.array(Image.open(path).convert("RGB"))[..., ::-1]  # blue, green, red, as OpenCV reads
    faces = judge.detect_emotions(np.ascontiguousarray(picture))
    best = max(faces, key=lambda face: face["box"][2], default=None)
    seen = best and {NAMES.get(name, name): float(p) for name, p in best["emotions"].items()}
    files[path.name] = {"fer": seen}
versions = {name: version(name) for name in ("fer", "tensorflow-cpu")}
print(json.dumps({"versions": versions, "files": files}))
