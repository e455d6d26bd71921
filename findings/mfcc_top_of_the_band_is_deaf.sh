#!/bin/sh
# mfcc: filters asked for 300 to 3500 Hz begin with a peak at 300 and end at 3250: a tone above is in none of them. Its main file is missing.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts mfcc@0.0.3
cat > look.js <<'JS'
const assert = require("node:assert");

console.log(`mfcc ${require("mfcc/package.json").version}; 26 filters from 300 to 3500 Hz, 256 places from 0 to 4000 Hz`);
assert.throws(() => require("mfcc"), { code: "MODULE_NOT_FOUND" }, "the behaviour has changed");
const mfcc = require("mfcc/src/mfcc.js");
const size = 256;
const bank = mfcc.constructMelFilterBank(size, 26, 300, 3500, 8000);
const heard = (place) => bank.filter(Array.from({ length: size }, (_, i) => Number(i === place))).reduce((sum, x) => sum + x, 0);
const hertz = (place) => (place * 4000) / size;
const peaks = bank.filters.map((filter) => hertz(filter.indexOf(1)));
console.log(`peaks from ${peaks[0]} to ${peaks[25]} Hz; with 26 filters between the ends they would lie from 355 to 3283`);
const places = [...Array(size).keys()].filter(heard).map(hertz);
console.log(`heard: ${places[0]} to ${places.at(-1)} Hz; a tone at ${hertz(216)} Hz gives ${heard(216)}, one at 1000 Hz ${heard(64)}`);
assert(Math.abs(peaks[0] - 300) < 16 && Math.abs(peaks[25] - 3078) < 1, "the behaviour has changed");
assert(places.at(-1) < 3300 && heard(216) === 0 && heard(64) > 0.9, "the behaviour has changed");
assert(places[0] < 300, "the behaviour has changed");
JS
node look.js
