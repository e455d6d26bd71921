#!/bin/sh
# wave-resampler: to a lower rate, the low-pass is run within the caller's own samples, which lose their treble for good.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts wave-resampler@1.0.0
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import waveResampler from "wave-resampler";

const version = JSON.parse(readFileSync("node_modules/wave-resampler/package.json")).version;
console.log(`wave-resampler ${version}; a sine of 6 kHz, strength 1, one second at 16 kHz`);
const strength = (samples) => Math.sqrt((2 * samples.reduce((sum, x) => sum + x * x, 0)) / samples.length);
const after = {};
for (const rate of [32000, 8000]) {
  for (const method of ["linear", "cubic"]) {
    const samples = Float64Array.from({ length: 16000 }, (_, i) => Math.sin((2 * Math.PI * 6000 * i) / 16000));
    waveResampler.resample(samples, 16000, rate, { method });
    after[`${method} to ${rate}`] = strength(samples);
    console.log(`after resampling to ${rate} Hz (${method}) the original's strength is ${strength(samples).toFixed(3)}`);
  }
}
// "linear" has no low-pass unless one is asked for; "cubic" is the default method.
assert(Math.abs(after["cubic to 32000"] - 1) < 1e-6 && Math.abs(after["linear to 8000"] - 1) < 1e-6, "the behaviour has changed");
assert(after["cubic to 8000"] < 0.05, "the behaviour has changed");
JS
node look.js
