#!/bin/sh
# d3-color-difference: CMC l:c counts lightness only, so red and green of one lightness do not differ.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts d3-color-difference@0.1.3
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { lab } from "d3-color";
import { differenceCiede2000, differenceCie94, differenceCmc, differenceCmcWeighted } from "d3-color-difference";

const version = JSON.parse(readFileSync("node_modules/d3-color-difference/package.json")).version;
console.log(`d3-color-difference ${version}; from the reddish (50, 40, 0) in Lab to`);
const from = lab(50, 40, 0);
const found = [];
for (const [l, a, b] of [[50, -40, 0], [50, 0, 40], [55, 40, 0], [55, -40, 0]]) {
  const to = lab(l, a, b);
  found.push(differenceCmc(from, to));
  console.log(
    `(${l}, ${a}, ${b}): CMC ${differenceCmc(from, to).toFixed(2)}, CIE94 ${differenceCie94(from, to).toFixed(2)},` +
      ` CIEDE2000 ${differenceCiede2000(from, to).toFixed(2)}`,
  );
}
assert(found[0] === 0 && found[1] === 0, "the behaviour has changed");
assert(found[2] > 4 && found[3] === found[2], "the behaviour has changed");
// The weight of chroma has nothing to weigh.
assert.equal(differenceCmcWeighted(1, 9)(from, lab(55, -40, 0)), found[3], "the behaviour has changed");
assert(differenceCie94(from, lab(50, -40, 0)) > 40, "the behaviour has changed");
JS
node look.js
