#!/bin/sh
# ssim.js: by default it uses an approximation and halves pictures from 512 px on, so the same noise has .71 at 256 and .97 at 512 px.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ssim.js@3.5.0
cat > look.js <<'JS'
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { ssim } = require("ssim.js");

const picture = (size, strength) => {
  let state = 7;
  const data = new Uint8ClampedArray(4 * size * size).fill(255);
  for (let k = 0; k < size * size; k++) {
    state = (16807 * state) % 2147483647;
    data.fill(128 + 60 * Math.sin((k % size) / 9) + strength * (state / 2147483647 - 0.5), 4 * k, 4 * k + 3);
  }
  return { width: size, height: size, data };
};
const version = JSON.parse(readFileSync("node_modules/ssim.js/package.json")).version;
const found = {};
for (const size of [256, 512, 1024]) {
  const [film, noisy] = [picture(size, 0), picture(size, 40)];
  found[size] = [{}, { ssim: "original", downsample: false }].map((options) => ssim(film, noisy, options).mssim);
  console.log(`ssim.js ${version}, ${size} px, the same noise: by default ${found[size][0].toFixed(3)}, original and not halved ${found[size][1].toFixed(3)}`);
}
const [usual, original] = [0, 1].map((k) => [256, 512, 1024].map((size) => found[size][k]));
assert(usual[0] < 0.75 && usual[1] > 0.95 && usual[2] > 0.99, "the behaviour has changed");
assert(original.every((value) => Math.abs(value - 0.52) < 0.02), "the behaviour has changed");
JS
node look.js
