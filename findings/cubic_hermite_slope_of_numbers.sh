#!/bin/sh
# cubic-hermite: the derivative of a curve of numbers is not a number; of lists with one number each it is right.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts cubic-hermite@1.0.0
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const hermite = require("cubic-hermite");
console.log(`cubic-hermite ${require("cubic-hermite/package.json").version}; from 0 with slope 0 to 1 with slope 0`);
for (const t of [0, 0.25, 0.5, 1]) {
  const numbers = [hermite(0, 0, 1, 0, t), hermite.derivative(0, 0, 1, 0, t)];
  const lists = [hermite([0], [0], [1], [0], t)[0], hermite.derivative([0], [0], [1], [0], t)[0]];
  console.log(`t = ${t}: as numbers ${numbers}, as lists ${lists}`);
  assert.equal(numbers[0], lists[0], "the behaviour has changed");
  assert(Number.isNaN(numbers[1]) && Math.abs(lists[1] - 6 * t * (1 - t)) < 1e-12, "the behaviour has changed");
}
JS
node look.js
