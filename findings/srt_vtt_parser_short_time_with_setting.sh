#!/bin/sh
# @plussub/srt-vtt-parser: a cue with a short time and a setting ends at another time, or at none.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @plussub/srt-vtt-parser@2.0.5
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { parse } from "@plussub/srt-vtt-parser";

const version = JSON.parse(readFileSync("node_modules/@plussub/srt-vtt-parser/package.json")).version;
console.log(`@plussub/srt-vtt-parser ${version}; where a cue of WebVTT from 1 s to 2.5 s ends, in ms`);
const ends = {};
for (const times of ["00:00:01.000 --> 00:00:02.500", "00:01.000 --> 00:02.500"])
  for (const setting of ["", " line:0", " align:start", " position:10%"]) {
    ends[times + setting] = parse(`WEBVTT\n\n${times}${setting}\nHello.\n`).entries[0].to;
    console.log(`${times}${setting}: ${ends[times + setting]}`);
  }
// WebVTT lets the hours be left out, and what follows the times says where the words stand.
for (const [line, end] of Object.entries(ends))
  if (line.startsWith("00:00:") || line.endsWith("2.500")) assert.equal(end, 2500, "the behaviour has changed");
assert.equal(ends["00:01.000 --> 00:02.500 line:0"], 120000, "the behaviour has changed");
assert(Number.isNaN(ends["00:01.000 --> 00:02.500 align:start"]), "the behaviour has changed");
JS
node look.js
