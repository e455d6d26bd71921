#!/bin/sh
# snapshot-interpolation: an angle in the list of what to interpolate is one only if its name has one letter and it is not the first; else it is a number, or stays.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @geckos.io/snapshot-interpolation@1.1.1
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { SnapshotInterpolation } = require("@geckos.io/snapshot-interpolation");
const version = JSON.parse(require("node:fs").readFileSync("node_modules/@geckos.io/snapshot-interpolation/package.json")).version;
console.log(`@geckos.io/snapshot-interpolation ${version}; half way from 350 to 10 degrees and from 0 to 10`);
const at = (time, angle, x) => ({ id: `s${time}`, time, state: [{ id: "face", x, r: angle, yaw: angle }] });
const found = {};
for (const list of ["x r(deg)", "r(deg) x", "r(deg)", "x yaw(deg)", "yaw(deg) x"]) {
  const face = new SnapshotInterpolation().interpolate(at(1000, 350, 0), at(2000, 10, 10), 0.5, list).state[0];
  found[list] = [face.x, list.includes("yaw") ? face.yaw : face.r];
  console.log(`'${list}': x ${found[list][0]}, angle ${found[list][1]}`);
}
// The list that its README gives, of which the first is in radians.
const readme = (time, turn, degrees) => ({ id: `s${time}`, time, state: [{ id: "hero", direction: turn, rotationInDeg: degrees, q: { x: 0, y: 0, z: 0, w: 1 } }] });
const list = "direction(rad) rotationInDeg(deg) q(quat)";
const hero = new SnapshotInterpolation().interpolate(readme(1000, 6.2, 350), readme(2000, 0.2, 10), 0.5, list).state[0];
console.log(`'${list}': from 6.2 to 0.2 radians ${hero.direction}, from 350 to 10 degrees ${hero.rotationInDeg}`);
assert(Math.abs(hero.direction - 3.2) < 1e-9 && hero.rotationInDeg === 10, "the behaviour has changed");
assert.deepEqual(found["x r(deg)"], [5, 0], "the behaviour has changed");
assert.deepEqual(found["r(deg) x"], [5, 180], "the behaviour has changed");
assert.deepEqual(found["r(deg)"], [10, 180], "the behaviour has changed");
assert.deepEqual(found["x yaw(deg)"], [5, 10], "the behaviour has changed");
assert.deepEqual(found["yaw(deg) x"], [5, 180], "the behaviour has changed");
JS
node look.js
