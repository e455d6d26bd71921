#!/bin/sh
# mann-whitney-utest: significant() compares U with z, so a difference of z = 9.2 between two samples of 100 is not significant; only samples that hardly overlap are.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo "{}" > package.json
npm install --silent --no-audit --no-fund --ignore-scripts mann-whitney-utest@1.0.5
cat > show.js <<'JS'
const assert = require("assert");
const mwu = require("mann-whitney-utest");
console.log(`mann-whitney-utest ${require("mann-whitney-utest/package.json").version}: 0 to n - 1, and the same numbers shifted`);
const found = [];
for (const [n, shift] of [[100, 0.5], [100, 20.5], [100, 50.5], [20, 10.5], [100, 100.5]]) {
  const first = Array.from({ length: n }, (_, i) => i);
  const samples = [first, first.map((value) => value + shift)];
  const u = mwu.test(samples);
  const z = mwu.criticalValue(u, samples);
  found.push(mwu.significant(u, samples));
  console.log(`n ${n}, shift ${shift}: U ${u}, z ${z.toFixed(1)} (at 5 %: 1.96), significant: ${found.at(-1)}`);
}
assert.deepStrictEqual(found, [false, false, false, false, true], "the behaviour has changed");
JS
node show.js
