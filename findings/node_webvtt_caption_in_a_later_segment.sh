#!/bin/sh
# node-webvtt: a short caption under a longer one is not in the HLS segment of its time, but in the next one, when it is over.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo "{}" > package.json
npm install --silent --no-audit --no-fund --ignore-scripts node-webvtt@2.0.0
cat > show.js <<'JS'
const assert = require("assert");
const webvtt = require("node-webvtt");
const cue = (from, to, text) => `00:00:${from}.000 --> 00:00:${to}.000\n${text}\n`;
const captions = `WEBVTT\n\n${cue("01", "25", "long")}\n${cue("12", "13", "short")}\n${cue("26", "27", "last")}`;
console.log(`node-webvtt ${require("node-webvtt/package.json").version}: captions at 1 to 25 s, 12 to 13 s and 26 to 27 s`);
const segments = webvtt.segment(captions, 10).map((s) => [s.duration, s.cues.map((c) => c.text)]);
let start = 0;
for (const [duration, texts] of segments) {
  console.log(`${start} to ${start + duration} s: ${texts.join(", ")}`);
  start += duration;
}
assert.deepStrictEqual(segments, [[20, ["long"]], [7, ["long", "short", "last"]]], "the behaviour has changed");
const files = webvtt.hls.hlsSegment(captions, 10);
assert(!files[0].content.includes("short") && files[1].content.includes("short"), "the behaviour has changed");
JS
node show.js
