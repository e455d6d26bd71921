#!/bin/sh
# smpte-timecode: at 23.976 frames per second a timecode that becomes a Date and comes back is 14 frames later per hour.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts smpte-timecode@1.3.6
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import Timecode from "smpte-timecode";

const version = JSON.parse(readFileSync("node_modules/smpte-timecode/package.json")).version;
console.log(`smpte-timecode ${version}; the timecode 02:00:00:00 as a Date, and as a timecode again`);
const moved = {};
for (const rate of [23.976, 24, 25, 29.97, 59.94]) {
  const first = Timecode("02:00:00:00", rate);
  const again = Timecode(first.toDate(), rate);
  moved[rate] = again.frameCount - first.frameCount;
  console.log(`${rate}: ${moved[rate]} frames later`);
}
// At this rate alone the way back takes 23.98 frames per second and not 24000/1001: after two hours 1.2 s.
assert.deepEqual(moved, { 23.976: 29, 24: 0, 25: 0, 29.97: 0, 59.94: 0 }, "the behaviour has changed");
JS
node look.js
