#!/bin/sh
# g711: in A-law, the softest negative levels of 16 bit, -1 to -7, come back as -248; the positive ones, and both in mu-law, come back as at most 8.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts g711@1.0.1
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { alawFromPCM, alawToPCM, ulawFromPCM, ulawToPCM } = require("g711");
const version = JSON.parse(require("node:fs").readFileSync("node_modules/g711/package.json")).version;
console.log(`g711 ${version}; levels of 16 bit, as they come back`);
const levels = Int16Array.of(-9, -8, -7, -3, -1, 0, 1, 3, 7, 9, -1000, 1000);
const alaw = alawToPCM(alawFromPCM(levels));
const ulaw = ulawToPCM(ulawFromPCM(levels));
levels.forEach((level, i) => console.log(`${level}: A-law ${alaw[i]}, mu-law ${ulaw[i]}`));
assert.deepEqual([...alaw], [-8, -8, -248, -248, -248, 8, 8, 8, 8, 8, -1008, 1008], "the behaviour has changed");
assert([...ulaw].every((back, i) => Math.abs(back - levels[i]) <= 20), "the behaviour has changed");
// A sine of strength 7, of which nothing is to be heard, becomes a rumble 31 dB louder.
const sine = Int16Array.from({ length: 800 }, (_, i) => Math.round(7 * Math.sin((2 * Math.PI * i) / 80)));
const rms = (sound) => Math.sqrt(sound.reduce((sum, s) => sum + s * s, 0) / sound.length);
const louder = 20 * Math.log10(rms(alawToPCM(alawFromPCM(sine))) / rms(sine));
console.log(`a sine of strength 7 is ${louder.toFixed(1)} dB louder`);
assert(louder > 25, "the behaviour has changed");
JS
node look.js
