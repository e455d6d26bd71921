#!/bin/sh
# pitchfinder: YIN gives 18 kHz for a voice of 100 Hz in 1024 samples at 44.1 kHz, and no "nothing found".
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts pitchfinder@2.3.4
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import pitchfinder from "pitchfinder";

const version = JSON.parse(readFileSync("node_modules/pitchfinder/package.json")).version;
console.log(`pitchfinder ${version}; a sine at 44.1 kHz, and the pitch that is found in Hz`);
const found = {};
for (const [hertz, samples] of [[100, 1024], [140, 1024], [205, 1024], [90, 2048], [100, 2048]]) {
  const sine = Float32Array.from({ length: samples }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / 44100));
  const yin = pitchfinder.YIN({ sampleRate: 44100 })(sine);
  const amdf = pitchfinder.AMDF({ sampleRate: 44100 })(sine);
  found[[hertz, samples]] = [yin, amdf];
  console.log(`${hertz} Hz, ${samples} samples: YIN ${yin.toFixed(1)}, AMDF ${amdf.toFixed(1)}`);
}
// Below about 170 Hz in 1024 samples (98 Hz in 2048) it cannot reach the period: it looks at a quarter of them.
for (const [yin, amdf] of ["100,1024", "140,1024", "90,2048"].map((key) => found[key])) assert(yin > 18000 && amdf < 145, "the behaviour has changed");
for (const [key, hertz] of [["205,1024", 205], ["100,2048", 100]]) assert(Math.abs(found[key][0] / hertz - 1) < 0.01, "the behaviour has changed");
JS
node look.js
