#!/bin/sh
# fft-windowing: the Blackman-Nuttall window is .126 at its ends and .874 in its middle, so a loud tone is heard all over.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts fft-windowing@0.1.4
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import windowing from "fft-windowing";

const version = JSON.parse(readFileSync("node_modules/fft-windowing/package.json")).version;
console.log(`fft-windowing ${version}; windows of 1024 samples, and a tone of 31.5 periods seen 200 bins away, in dB of its peak`);
const n = 1024;
const bin = (samples, k) => {
  let re = 0, im = 0;
  samples.forEach((x, i) => { re += x * Math.cos((2 * Math.PI * k * i) / n); im += x * Math.sin((2 * Math.PI * k * i) / n); });
  return Math.hypot(re, im);
};
const found = {};
for (const name of ["blackman_harris", "nuttall", "blackman_nuttall", "hann"]) {
  const shape = windowing[name](new Array(n).fill(1));
  const tone = windowing[name](Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * 31.5 * i) / n)));
  const leak = 20 * Math.log10(bin(tone, 231) / Math.max(bin(tone, 31), bin(tone, 32)));
  found[name] = { end: shape[0], middle: shape[511], leak };
  console.log(`${name}: end ${shape[0].toFixed(4)}, middle ${shape[511].toFixed(4)}, 200 bins away ${leak.toFixed(0)} dB`);
}
// By its definition the window begins at 0.0004 and is 1 in the middle, as its two neighbours of four terms are.
assert(Math.abs(found.blackman_nuttall.end - 0.1259) < 1e-4 && Math.abs(found.blackman_nuttall.middle - 0.874) < 1e-3, "the behaviour has changed");
assert(found.blackman_nuttall.leak > -80 && found.hann.leak < -100 && found.blackman_harris.leak < -100, "the behaviour has changed");
assert(found.nuttall.middle > 0.999 && found.nuttall.end < 1e-6, "the behaviour has changed");
JS
node look.js
