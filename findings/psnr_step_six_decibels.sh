#!/bin/sh
# psnr: with a step of 4, which leaves out three values of four, the same picture is 6 dB better.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts psnr@0.0.1 mse@0.1.0
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import psnr from "psnr";

const version = JSON.parse(readFileSync("node_modules/psnr/package.json")).version;
const picture = Array.from({ length: 4096 }, (_, i) => (i * 7) % 240);
const other = picture.map((level) => level + 4); // each value is 4 levels off, so each part of them has the same PSNR
const right = 20 * Math.log10(255 / 4);
const found = [1, 2, 4].map((step) => psnr(picture, other, step));
console.log(`psnr ${version}; right at each step: ${right.toFixed(2)} dB`);
console.log(`steps of 1, 2 and 4: ${found.map((value) => value.toFixed(2)).join(", ")} dB`);
// The sum is of every fourth value and is divided by the number of all.
assert(Math.abs(found[0] - right) < 1e-9, "the behaviour has changed");
[2, 4].forEach((step, i) =>
  assert(Math.abs(found[i + 1] - right - 10 * Math.log10(step)) < 1e-9, "the behaviour has changed"));
JS
node look.js
