#!/bin/sh
# fili: its Blackman window is negative at an eighth of its length, and a sine of one bin has three equal ones.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts fili@2.0.3
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Fft } = require("fili");
console.log(`fili ${require("fili/package.json").version}; a sine of strength 1 and 32 periods in 1024 samples, magnitudes by half the length`);
const n = 1024;
const fft = new Fft(n);
const sine = Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * 32 * i) / n));
const found = {};
for (const name of ["none", "hanning", "hamming", "blackmanHarris", "blackman"]) {
  const bins = fft.magnitude(fft.forward(sine, name)).map((x) => (2 * x) / n);
  // One impulse at an eighth of the length has the window's value there, times the correction, in each bin.
  const impulse = new Array(n).fill(0);
  impulse[n / 8] = 1;
  const value = fft.forward(impulse, name).re[0];
  found[name] = { bins, value };
  console.log(`${name}: bins 31 to 33 ${Array.from(bins.slice(31, 34), (x) => x.toFixed(3)).join(" ")}, window at an eighth ${value.toFixed(3)}`);
}
// Blackman's window has an alpha of .16: .02 at an eighth, and .42, .25 and .04 of the sine in bins 0, 1 and 2 from its own.
assert(found.blackman.value < -0.1 && found.hanning.value > 0.2, "the behaviour has changed");
const [left, middle, right] = found.blackman.bins.slice(31, 34);
assert(Math.abs(middle - 1 / 3) < 0.01 && Math.abs(left - middle) < 0.005 && Math.abs(right - middle) < 0.005, "the behaviour has changed");
assert(Math.abs(found.hanning.bins[32] - 1) < 0.01 && Math.abs(found.hanning.bins[33] - 0.5) < 0.01, "the behaviour has changed");
JS
node look.js
