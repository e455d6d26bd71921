#!/bin/sh
# image-ssim: pictures of 481 by 321 pixels, and all of 8 n + 1 by 8 m + 1, have no number for their SSIM.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts image-ssim@0.2.0
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import imageSsim from "image-ssim";

const version = JSON.parse(readFileSync("node_modules/image-ssim/package.json")).version;
const picture = (width, height, seed) => ({
  width, height, channels: imageSsim.Channels.Grey,
  data: Uint8Array.from({ length: width * height }, (_, i) => (i * seed) % 251),
});
console.log(`image-ssim ${version}; a picture against itself, and against another one`);
const found = {};
for (const [width, height] of [[480, 320], [481, 320], [481, 321], [257, 257], [65, 73]]) {
  const one = picture(width, height, 7);
  const [itself, other] = [7, 11].map((seed) => imageSsim.compare(one, picture(width, height, seed)).ssim);
  found[`${width} by ${height}`] = [itself, other];
  console.log(`${width} by ${height}: ${itself.toFixed(3)}, ${other.toFixed(3)}`);
}
// What is left in the corner is a window of one pixel, whose variance is 0 / 0. The pictures of a well-known data
// set for denoising and edges have 481 by 321 pixels.
for (const size of ["480 by 320", "481 by 320"]) assert(Math.abs(found[size][0] - 1) < 1e-6, "the behaviour has changed");
for (const size of ["481 by 321", "257 by 257", "65 by 73"])
  assert(found[size].every(Number.isNaN), "the behaviour has changed");
JS
node look.js
