#!/bin/sh
# SSIM-PIL: rows and columns behind the last whole tile do not count, so pictures that differ there have SSIM 1.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check SSIM-PIL==1.0.14 pillow==13.0.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from PIL import Image
from SSIM_PIL import compare_ssim

film = np.random.default_rng(0).integers(0, 256, (256, 256, 3)).astype(np.uint8)
values = {}
for tile in (7, 15, 8):
    rest = 256 % tile
    cut = film.copy()
    cut[256 - max(rest, 1) :] = 0
    values[tile] = compare_ssim(Image.fromarray(film), Image.fromarray(cut), tile_size=tile, GPU=False)
    print(f"SSIM-PIL {version('SSIM-PIL')}, 256 px, tiles of {tile}: last {max(rest, 1)} rows black: SSIM {values[tile]:.6f}")
# 7 is the default; 15 leaves out one row of pixels, 8 none.
assert abs(values[7] - 1) < 1e-9 and abs(values[15] - 1) < 1e-9 and values[8] < 0.999, "the behaviour has changed"
PY
