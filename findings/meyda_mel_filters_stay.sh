#!/bin/sh
# Meyda keeps the mel filters of the first sample rate: setting another one changes no MFCC.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts meyda@5.6.3
cat > look.js <<'JS'
import assert from "node:assert";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import Meyda from "meyda";

// node look.js RATES: the first three cepstra of the same frame, at one rate after the other
const frame = Array.from({ length: 512 }, (_, i) => 0.5 * Math.sin(i / 3) + 0.2 * Math.sin(i * i / 500));
Meyda.bufferSize = 512;
if (process.argv[2]) {
  const found = process.argv[2].split(",").map((rate) => {
    Meyda.sampleRate = Number(rate);
    return Meyda.extract("mfcc", frame).slice(0, 3).map((x) => Number(x.toFixed(3)));
  });
  console.log(JSON.stringify(found));
} else {
  const run = (rates) => JSON.parse(execFileSync("node", ["look.js", rates]));
  const [first, second] = run("16000,44100");
  const [alone] = run("44100");
  console.log(`Meyda ${JSON.parse(readFileSync("node_modules/meyda/package.json")).version}; MFCC of the same 512 samples`);
  console.log("at 16000 Hz:                     ", first);
  console.log("at 44100 Hz, after 16000 Hz:     ", second);
  console.log("at 44100 Hz, in a fresh process: ", alone);
  // The filters are made once for each size of the frame, so the MFCC of a second recording are wrong.
  assert.deepEqual(first, second, "the behaviour has changed");
  assert(Math.abs(alone[1] - second[1]) > 0.1, "the behaviour has changed");
}
JS
node look.js
