#!/bin/sh
# colz: the reddest reds have the HSB hue 360, which comes back as no colour.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts colz@0.1.0
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { hsbToRgb, hslToRgb, rgbToHsb, rgbToHsl } = require("colz");
console.log(`colz ${require("colz/package.json").version}`);
const found = [];
for (const rgb of [[255, 0, 0], [255, 0, 1], [200, 40, 41], [255, 0, 20]]) {
  found.push([rgbToHsb(...rgb), hsbToRgb(...rgbToHsb(...rgb))]);
  console.log(`${rgb}: HSB ${found.at(-1)[0]}, back ${found.at(-1)[1]}; by HSL ${hslToRgb(rgbToHsl(...rgb))}`);
}
assert.deepEqual(found[0], [[0, 100, 100], [255, 0, 0]], "the behaviour has changed");
for (const [hsb, back] of found.slice(1, 3)) assert(hsb[0] === 360 && back.every(Number.isNaN), "the behaviour has changed");
JS
node look.js
