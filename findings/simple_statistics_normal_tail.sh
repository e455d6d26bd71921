#!/bin/sh
# simple-statistics: the normal distribution ends at 0.999, so no two-sided p of it is below 0.002, however large z is.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts simple-statistics@7.12.1
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { cumulativeStdNormalProbability as below, probit } from "simple-statistics";

const version = JSON.parse(readFileSync("node_modules/simple-statistics/package.json")).version;
console.log(`simple-statistics ${version}; two-sided p of z, 2 (1 - cumulativeStdNormalProbability(z))`);
const right = { 1.96: 0.049996, 3: 0.0026998, 3.5: 0.00046526, 5: 5.7330e-7 };
const found = {};
for (const z of [1.96, 3, 3.5, 5]) {
  found[z] = 2 * (1 - below(z));
  console.log(`z = ${z}: ${found[z].toFixed(5)}, where ${right[z]} is right`);
}
console.log(`probit(0.975): ${probit(0.975).toFixed(4)}, where 1.9600 is right`);
// Corrected for 21 comparisons, no difference between clips can be told from none: 21 * 0.002 is 0.042, 28 * 0.002 is 0.056.
assert(Math.abs(found[1.96] - 0.05) < 1e-9 && Math.abs(found[3.5] - 0.002) < 1e-9, "the behaviour has changed");
assert.equal(found[5], found[3.5], "the behaviour has changed");
assert(Math.abs(probit(0.975) - 1.9572) < 1e-4, "the behaviour has changed");
JS
node look.js
