#!/bin/sh
# dsp.js: the peak of a spectrum is that of all spectra so far, so a pitch read from it stays at the loudest frame.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts dsp.js@1.0.1
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { FFT } = require("dsp.js");
console.log(`dsp.js ${require("dsp.js/package.json").version}; frames of 1024 samples at 16 kHz, one FFT for all`);
const fft = new FFT(1024, 16000);
const bands = [];
for (const [hertz, strength] of [[1000, 0.5], [2000, 0.4], [3000, 0.3], [500, 0.6]]) {
  fft.forward(Float64Array.from({ length: 1024 }, (_, i) => strength * Math.sin((2 * Math.PI * hertz * i) / 16000)));
  const loudest = fft.spectrum.indexOf(Math.max(...fft.spectrum));
  bands.push([fft.peakBand, loudest]);
  console.log(`${hertz} Hz of strength ${strength}: peakBand ${fft.peakBand}, peak ${fft.peak.toFixed(2)}; the largest value is in ${loudest}`);
}
assert.deepEqual(bands, [[64, 64], [64, 128], [64, 192], [32, 32]], "the behaviour has changed");
JS
node look.js
