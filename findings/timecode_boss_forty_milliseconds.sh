#!/bin/sh
# timecode-boss: a timecode made of a Date takes 40 ms for 0.4 s and 1 ms for a whole second; of 400 ms, and of text, it is right.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts timecode-boss@6.2.0
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const Timecode = require("timecode-boss");
console.log(`timecode-boss ${require("timecode-boss/package.json").version}; at 25 frames per second`);
const found = {};
for (const ms of [0, 1, 5, 40, 80, 100, 400, 999]) {
  found[ms] = new Timecode(new Date(2026, 0, 1, 10, 0, 1, ms), 25).toString();
  console.log(`10:00:01 and ${ms} ms is ${found[ms]}; it is frame ${Math.floor(ms / 40)}`);
}
const text = new Timecode("10:00:01.040", 25).toString();
console.log(`as text, 10:00:01.040 is ${text}`);
const expected = ["01:00", "02:00", "01:12", "01:10", "01:20", "02:00", "01:10", "01:24"];
assert.deepEqual(Object.values(found), expected.map((end) => `10:00:${end}`), "the behaviour has changed");
assert.equal(text, "10:00:01:01", "the behaviour has changed");
JS
node look.js
