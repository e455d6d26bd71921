#!/bin/sh
# audio-pcm-resampler: sound in mu-law comes back nearly three times as strong and torn, and sound of 16 bit made mu-law has half as many samples.
# Needs python3 before 3.13 (which has no audioop) with venv, and a package index for pip; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check audio-pcm-resampler==0.1.0 soxr==1.1.0 pydantic==2.12.5 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PY'
import warnings

warnings.simplefilter("ignore")  # of audioop, which the package uses, too
import audioop
from importlib.metadata import version

import numpy as np
from audio_pcm_resampler.audio_format import PCMFormat, ULAWFormat
from audio_pcm_resampler.audio_resampler import AudioResampler, AudioResamplerConfig

print(f"audio-pcm-resampler {version('audio-pcm-resampler')}: one second of 200 Hz at 8 kHz, 16 bit, strength 8000")
sine = np.round(8000 * np.sin(2 * np.pi * 200 * np.arange(8000) / 8000)).astype(np.int16)
pcm = PCMFormat(sample_rate=8000, bit_depth="int16")
coded = audioop.lin2ulaw(sine.tobytes(), 2)
right = np.frombuffer(audioop.ulaw2lin(coded, 2), np.int16)
back = AudioResampler(AudioResamplerConfig(input_format=ULAWFormat(), output_format=pcm)).process(coded)
like = [float(np.corrcoef(sine, sound)[0, 1]) for sound in (right, back)]
print(f"from mu-law: strength {back.max()}, correlation with the sine {like[1]:.3f}; of audioop's own {right.max()} and {like[0]:.3f}")
made = AudioResampler(AudioResamplerConfig(input_format=pcm, output_format=ULAWFormat())).process(sine)
print(f"to mu-law: {len(made)} samples of {len(sine)}")
assert like[0] > 0.999 and round(like[1], 2) == 0.8 and back.max() == 22676, "the behaviour has changed"
assert len(made) == 4000, "the behaviour has changed"
PY
