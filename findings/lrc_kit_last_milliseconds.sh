#!/bin/sh
# lrc-kit: a line at 59.999 s is written as 59.100 s: hundredths that round up to 100 are written behind the same second.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts lrc-kit@1.2.1
cat > look.js <<'JS'
const assert = require("node:assert");
const { Lrc } = require("lrc-kit");

console.log(`lrc-kit ${require("lrc-kit/package.json").version}; a file read and written again`);
const again = (line) => Lrc.parse(line).toString().trim();
const written = Object.fromEntries(["[00:59.99]la", "[00:59.994]la", "[00:59.995]la", "[00:59.999]la", "[01:02.997]la"].map((line) => [line, again(line)]));
for (const [line, other] of Object.entries(written)) console.log(`${line} becomes ${other}`);
assert(written["[00:59.99]la"] === "[00:59.99]la" && written["[00:59.994]la"] === "[00:59.99]la", "the behaviour has changed");
assert(written["[00:59.999]la"] === "[00:59.100]la" && written["[01:02.997]la"] === "[01:02.100]la", "the behaviour has changed");
// Read once more, the line begins .899 s earlier than at first.
const seconds = (text) => Lrc.parse(text).lyrics[0].timestamp;
assert(Math.abs(seconds("[00:59.999]la") - seconds(written["[00:59.999]la"]) - 0.899) < 1e-9, "the behaviour has changed");
JS
node look.js
