#!/bin/sh
# ml-distance: the Jensen-Shannon divergence of two distributions is not a number where either has a zero.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts ml-distance@5.0.0
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { distance } from "ml-distance";

const version = JSON.parse(readFileSync("node_modules/ml-distance/package.json")).version;
console.log(`ml-distance ${version}; the right value counts 0 log 0 as 0`);
const term = (p, m) => (p ? p * Math.log(p / m) : 0);
const right = (p, q) => p.reduce((sum, x, i) => sum + term(x, (x + q[i]) / 2) / 2 + term(q[i], (x + q[i]) / 2) / 2, 0);
for (const [p, q] of [[[0.9, 0.1], [0.5, 0.5]], [[1, 0], [0.5, 0.5]], [[1, 0], [0, 1]], [[0.5, 0.5, 0], [0.4, 0.6, 0]]]) {
  const got = distance.jensenShannon(p, q);
  console.log(`(${p}) and (${q}): ${got.toFixed(4)}, right ${right(p, q).toFixed(4)}`);
  if (p.includes(0)) assert(Number.isNaN(got), "the behaviour has changed");
  else assert(Math.abs(got - right(p, q)) < 1e-12, "the behaviour has changed");
}
JS
node look.js
