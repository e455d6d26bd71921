#!/bin/sh
# dsp-audio-metrics: the first test sound of EBU Tech 3341, which is -23 LUFS, is -26 LUFS: channels are averaged where BS.1770 adds them, so all stereo is 3 dB too soft.
# Needs python3 with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check dsp-audio-metrics==0.1.1 numpy==2.4.6 scipy==1.17.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import dsp_audio_metrics
import numpy as np

print(f"dsp-audio-metrics {version('dsp-audio-metrics')}: 1 kHz with a peak of -23 dBFS, 20 s at 48 kHz")
sine = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * np.arange(20 * 48000) / 48000)
sounds = {"both channels": np.stack([sine, sine], 1), "the left one only": np.stack([sine, 0 * sine], 1)}
found = {name: dsp_audio_metrics.integrated_lufs(sound, 48000) for name, sound in sounds.items()}
standard = {"both channels": -23.0, "the left one only": -26.0}
for name, loudness in found.items():
    print(f"{name}: {loudness:.2f} LUFS, by BS.1770 {standard[name]:.2f}")
    assert abs(loudness - (standard[name] - 3.01)) < 0.05, "the behaviour has changed"
louder = dsp_audio_metrics.normalize_loudness(sounds["both channels"], 48000, target_lufs=-23.0)
gain = 20 * np.log10(np.abs(louder).max() / np.abs(sine).max())
print(f"normalised to -23 LUFS it is {gain:.2f} dB louder than it was")
assert abs(gain - 3.0) < 0.05, "the behaviour has changed"
PY
