#!/bin/sh
# spline-interpolator: a smoothed curve ends in the last point as it was measured, with a jump.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts spline-interpolator@1.0.0
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const SplineInterpolator = require("spline-interpolator");
console.log(`spline-interpolator ${require("spline-interpolator/package.json").version}; 0, 1, 0, 1, 0, 1, 0, 1 at 0 to 7, lambda .1`);
const x = [0, 1, 2, 3, 4, 5, 6, 7];
const y = [0, 1, 0, 1, 0, 1, 0, 1];
const smooth = new SplineInterpolator(x, y, 0.1);
const at = (place) => smooth.interpolate(place);
for (const place of [0, 0.001, 6, 6.999, 7, 7.001]) console.log(`at ${place}: ${at(place).toFixed(3)}`);
assert(Math.abs(at(0.001) - at(0)) < 0.001 && at(0) > 0.3, "the behaviour has changed");
assert(at(7) === 1 && at(6.999) < 0.7 && at(7.001) < 0.7, "the behaviour has changed");
assert.equal(smooth.curve(8).at(-1)[1], 1, "the behaviour has changed");
JS
node look.js
