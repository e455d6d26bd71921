#!/bin/sh
# subsrt-ts: the frame numbers of a MicroDVD file that it writes are a thousand times too large.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts subsrt-ts@2.1.2
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import subsrt from "subsrt-ts";

const version = JSON.parse(readFileSync("node_modules/subsrt-ts/package.json")).version;
const caption = subsrt.parse("1\n00:00:02,000 --> 00:00:04,000\nHello.\n\n");
const file = subsrt.build(caption, { format: "sub", fps: 25 }).trim();
const read = (text) => subsrt.parse(`${text}\n`, { format: "sub", fps: 25 }).map((part) => part.start);
console.log(`subsrt-ts ${version}; a caption from 2 s to 4 s as MicroDVD, at 25 frames per second: ${file}`);
console.log(`it reads this as ${read(file)} ms, and the right {50}{100}Hello. as ${read("{50}{100}Hello.")} ms`);
// The two faults undo each other, so a round trip shows nothing; a player shows the caption after 33 minutes.
assert.equal(file, "{50000}{100000}Hello.", "the behaviour has changed");
assert.deepEqual([read(file)[0], read("{50}{100}Hello.")[0]], [2000, 2], "the behaviour has changed");
JS
node look.js
