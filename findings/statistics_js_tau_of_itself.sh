#!/bin/sh
# statistics.js: Kendall's tau-b of a ranking with ties and itself is .6, not 1.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts statistics.js@1.0.0
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Statistics } = require("statistics.js");
console.log(`statistics.js ${require("statistics.js/package.json").version}`);
function byDefinition(first, second) {
  let both = 0, untiedFirst = 0, untiedSecond = 0;
  for (let i = 0; i < first.length; i++)
    for (let j = 0; j < i; j++) {
      const a = Math.sign(first[i] - first[j]), b = Math.sign(second[i] - second[j]);
      both += a * b;
      untiedFirst += a * a;
      untiedSecond += b * b;
    }
  return both / Math.sqrt(untiedFirst * untiedSecond);
}
const found = [];
for (const [first, second] of [
  [[1, 2, 3, 4], [1, 3, 2, 4]],
  [[1, 1, 1, 2, 2, 2], [1, 1, 1, 2, 2, 2]],
  [[1, 1, 1, 2, 2, 2, 3, 3, 3, 4], [1, 1, 2, 2, 2, 3, 3, 4, 4, 4]],
]) {
  const data = new Statistics(first.map((x, i) => ({ first: x, second: second[i] })), { first: "ordinal", second: "ordinal" });
  const { tauB } = data.kendallsTau("first", "second").b;
  found.push([tauB, byDefinition(first, second)]);
  console.log(`tau-b of ${first} and ${second}: ${tauB.toFixed(3)}, by its definition ${found.at(-1)[1].toFixed(3)}`);
}
assert(Math.abs(found[0][0] - found[0][1]) < 1e-9, "the behaviour has changed");
assert(Math.abs(found[1][0] - 0.6) < 1e-9 && Math.abs(found[1][1] - 1) < 1e-9, "the behaviour has changed");
assert(Math.abs(found[2][0] - 0.912) < 1e-3 && Math.abs(found[2][1] - 0.849) < 1e-3, "the behaviour has changed");
JS
node look.js
