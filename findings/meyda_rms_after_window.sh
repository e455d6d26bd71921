#!/bin/sh
# Meyda's rms and energy are those of the windowed frame: 0.22 for a sine of 0.35.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts meyda@5.6.3
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import Meyda from "meyda";

const version = JSON.parse(readFileSync("node_modules/meyda/package.json")).version;
const n = 512;
const sine = Array.from({ length: n }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 32 * i) / n));
const rms = Math.sqrt(sine.reduce((sum, x) => sum + x * x, 0) / n);
Meyda.bufferSize = n;
Meyda.sampleRate = 16000;
const asItComes = Meyda.extract("rms", sine);
Meyda.windowingFunction = "rect";
const rectangular = Meyda.extract("rms", sine);
console.log(`Meyda ${version}; a sine whose root mean square is ${rms.toFixed(4)}`);
console.log(`rms as it comes: ${asItComes.toFixed(4)}; with windowingFunction "rect": ${rectangular.toFixed(4)}`);
// A mouth opened by it opens less, and sound at a frame's edges opens it not at all.
assert(Math.abs(asItComes / rms - Math.sqrt(3 / 8)) < 0.01 && Math.abs(rectangular - rms) < 1e-6, "the behaviour has changed");
JS
node look.js
