#!/bin/sh
# everpolate: the step function has its last but one value at its last place.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts everpolate@0.0.3
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { linear, step } = require("everpolate");
console.log(`everpolate ${require("everpolate/package.json").version}; steps of 10, 20 and 30 from 0, 1 and 2 s on`);
const places = [0, 1, 1.999, 2, 2.001, 3];
const steps = step(places, [0, 1, 2], [10, 20, 30]);
places.forEach((place, i) => console.log(`at ${place} s: ${steps[i]}`));
// Each other place belongs to the step that begins there.
assert.deepEqual(steps, [10, 20, 20, 20, 30, 30], "the behaviour has changed");
assert.deepEqual(linear([0, 1, 2], [0, 1, 2], [10, 20, 30]), [10, 20, 30], "the behaviour has changed");
JS
node look.js
