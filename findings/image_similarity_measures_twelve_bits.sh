#!/bin/sh
# image-similarity-measures: PSNR and SSIM take pictures for 12 bit unless told otherwise, so 8-bit ones get 24 dB more.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check image-similarity-measures==0.3.6
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from image_similarity_measures.quality_metrics import psnr, ssim

rng = np.random.default_rng(0)
rows, columns = np.mgrid[:128, :128]
film = np.repeat((128 + 60 * np.sin(columns / 9) + 40 * np.cos(rows / 7))[..., None], 3, 2)
drawn = np.clip(film + rng.normal(0, 10, film.shape), 0, 255).round().astype(np.uint8)
film = film.round().astype(np.uint8)
true = 10 * np.log10(255**2 / np.mean((film.astype(float) - drawn) ** 2))
found = {name: (float(f(film, drawn)), float(f(film, drawn, max_p=255))) for name, f in (("PSNR", psnr), ("SSIM", ssim))}
print(f"image-similarity-measures {version('image-similarity-measures')}; two pictures of 8 bit, PSNR by hand {true:.2f} dB")
for name, (usual, told) in found.items():
    print(f"{name}: {usual:.4f} by default, {told:.4f} with max_p=255")
assert abs(found["PSNR"][1] - true) < 0.01 and abs(found["PSNR"][0] - true - 20 * np.log10(4095 / 255)) < 0.01, "the behaviour has changed"
assert found["SSIM"][0] - found["SSIM"][1] > 0.1, "the behaviour has changed"
PY
