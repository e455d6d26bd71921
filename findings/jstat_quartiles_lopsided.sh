#!/bin/sh
# jStat: the quartiles of 1 to 7 are 2, 4 and 5, and the second one of an even count is not its median.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts jstat@1.9.6
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import jstat from "jstat";

const { jStat } = jstat;
const version = JSON.parse(readFileSync("node_modules/jstat/package.json")).version;
const seven = jStat.quartiles([1, 2, 3, 4, 5, 6, 7]);
const mirrored = jStat.quartiles([1, 2, 3, 4, 5, 6, 7].map((value) => 8 - value));
const four = [1, 2, 3, 4];
console.log(`jStat ${version}; quartiles of 1 to 7: ${seven}`);
console.log(`quartiles of 1 to 4: ${jStat.quartiles(four)}, their median: ${jStat.median(four)}`);
console.log(`quantiles of 1 to 7: ${jStat.quantiles([1, 2, 3, 4, 5, 6, 7], [0.25, 0.5, 0.75])}`);
// The values lie evenly about 4, so the first and the third quartile are as far from it by every usual definition.
assert.deepEqual([seven, mirrored], [[2, 4, 5], [2, 4, 5]], "the behaviour has changed");
assert.deepEqual([jStat.quartiles(four)[1], jStat.median(four)], [2, 2.5], "the behaviour has changed");
const [low, middle, high] = jStat.quantiles([1, 2, 3, 4, 5, 6, 7], [0.25, 0.5, 0.75]);
assert(Math.abs(high - middle - (middle - low)) < 1e-9, "the behaviour has changed");
JS
node look.js
