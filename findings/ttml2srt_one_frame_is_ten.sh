#!/bin/sh
# ttml2srt: a TTML time of 1 s and one frame of 25, and one of 1.05s, become 1.4 s and 1.5 s: milliseconds are filled up from the right.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts ttml2srt@1.2.4
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { ttml2srt } = require("ttml2srt");
console.log(`ttml2srt ${require("ttml2srt/package.json").version}; at 25 frames per second`);
console.info = () => {}; // its own line about the rate
const found = {};
for (const time of ["00:00:01:01", "00:00:01:02", "00:00:01:03", "1.05s", "1.125s", "00:00:01.05"]) {
  const head = '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25">';
  const srt = ttml2srt(`${head}<body><div><p begin="${time}" end="00:00:05">Hello</p></div></body></tt>`);
  found[time] = srt.match(/(\S+) -->/)[1];
  console.log(`${time} becomes ${found[time]}`);
}
const expected = ["400", "800", "120", "500", "125", "050"];
assert.deepEqual(Object.values(found), expected.map((ms) => `00:00:01,${ms}`), "the behaviour has changed");
JS
node look.js
