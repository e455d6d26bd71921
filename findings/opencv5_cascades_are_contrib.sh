#!/bin/sh
# OpenCV 5: the main wheel has no CascadeClassifier, and no wheel has cascade files, though cv2.data still names their
# folder.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for package in opencv-python-headless opencv-contrib-python-headless; do
  ${PYTHON:-python3} -m venv "$folder/$package"
  "$folder/$package/bin/python" -m pip install --quiet --disable-pip-version-check "$package==5.0.0.93"
  "$folder/$package/bin/python" - "$package" <<'PY'
import sys
from pathlib import Path

import cv2

there, files = hasattr(cv2, "CascadeClassifier"), sorted(Path(cv2.data.haarcascades).glob("*.xml"))
print(f"{sys.argv[1]}, cv2 {cv2.__version__}: CascadeClassifier {there}, {len(files)} cascade files")
# Programs that find faces by Haar cascades and ask for "opencv-python" fail at the call, not at the import.
assert there == ("contrib" in sys.argv[1]) and not files, "the behaviour has changed"
PY
done
