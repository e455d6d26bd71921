#!/bin/sh
# ml-stat: the weighted mean of 2, 2 and 2 with weights of 1 is 6, and their weighted variance is not 0.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts ml-stat@1.3.3
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { array } = require("ml-stat");
console.log(`ml-stat ${require("ml-stat/package.json").version}; the values 2, 2 and 2`);
const found = [];
for (const weights of [[1, 1, 1], [3, 1, 2], [0.5, 0.25, 0.25]]) {
  found.push([array.weightedMean([2, 2, 2], weights), array.weightedVariance([2, 2, 2], weights)]);
  console.log(`weights ${weights}: mean ${found.at(-1)[0]}, variance ${found.at(-1)[1]}`);
}
// Only weights whose sum is 1 give a mean.
assert.deepEqual(found.map(([mean]) => mean), [6, 12, 2], "the behaviour has changed");
assert(Math.abs(found[0][1] - 24) < 1e-9 && found[2][1] === 0, "the behaviour has changed");
JS
node look.js
