#!/bin/sh
# delta-e: the weights of lightness, chroma and hue that its documentation names change nothing.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts delta-e@0.0.8
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import deltaE from "delta-e";

const version = JSON.parse(readFileSync("node_modules/delta-e/package.json")).version;
const none = { lightness: 1, chroma: 1, hue: 1 };
const pairs = {
  lightness: [{ L: 50, A: 20, B: 0 }, { L: 60, A: 20, B: 0 }],
  chroma: [{ L: 50, A: 20, B: 0 }, { L: 50, A: 30, B: 0 }],
  hue: [{ L: 50, A: 20, B: 0 }, { L: 50, A: 0, B: 20 }], // the same lightness and chroma
};
console.log(`delta-e ${version}; the difference of two colours at a weight of 4, as a part of that at 1`);
// The two colours of a pair differ in one thing only, so by the formulas a weight of 4 makes a quarter of it.
for (const formula of ["getDeltaE94", "getDeltaE00"]) {
  for (const [name, [one, other]] of Object.entries(pairs)) {
    const plain = deltaE[formula](one, other, { ...none });
    const part = deltaE[formula](one, other, { ...none, [name]: 4 }) / plain;
    console.log(`${formula}, ${name}: ${part.toFixed(3)}`);
    assert(plain > 5 && part === 1, "the behaviour has changed");
  }
}
JS
node look.js
